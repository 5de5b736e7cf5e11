"""Messages about incidents and planned work. A template is refused when a field is missing, and secrets are taken out."""

from dataclasses import dataclass
from string import Formatter

from app.kit.problems import FieldError, Invalid, NotFound
from app.telemetry.redaction import redact_text


@dataclass(frozen=True, slots=True)
class Template:
    """``{field}`` stands for what a person, or the incident, fills in."""

    id: str
    title: str
    audience: str
    subject: str
    body: str

    @property
    def fields(self) -> tuple[str, ...]:
        names = [name for text in (self.subject, self.body) for _, name, _, _ in Formatter().parse(text) if name]
        return tuple(dict.fromkeys(names))


TEMPLATES: tuple[Template, ...] = (
    Template(
        "declaration",
        "Incident declared",
        "team",
        "[{priority}] {title} ({incident})",
        "{incident} was declared at {time}.\n\nWhat we see: {symptoms}\nAffected: {services}\nImpact: {user_impact}\n"
        "In charge: {commander}\nNext update: {next_update}",
    ),
    Template(
        "status_update",
        "Status update",
        "team",
        "[{priority}] {title}: {status}",
        "{incident}, {time}: {status}.\n\nSince the last update: {done}\nNow: {doing}\nNext update: {next_update}",
    ),
    Template(
        "escalation",
        "Escalation",
        "next level",
        "[ESCALATION] [{priority}] [{services}]",
        "{incident} began at {started} and lasts {duration}.\n\nAffected: {services}\nImpact on users: {user_impact}\n"
        "Impact on the business: {business_impact}\nDone so far: {done}\nState: {status}\nNext: {doing}\n"
        "Why you: {reason}\nWhat we need: {expertise}\nIn charge: {commander}",
    ),
    Template(
        "resolution",
        "Incident resolved",
        "team",
        "[RESOLVED] {title} ({incident})",
        "{incident} is over since {time}, after {duration}.\n\nCause: {root_cause}\nWhat was done: {done}\n"
        "The review takes place by {review}.",
    ),
    Template(
        "customer_initial",
        "To users: something is wrong",
        "users",
        "FossaWork: {title}",
        "Since {started}, {user_impact}\n\nWe are working on it. What you can do meanwhile: {workaround}\n"
        "We write again by {next_update}.",
    ),
    Template(
        "customer_update",
        "To users: where we are",
        "users",
        "FossaWork: {title}, update",
        "{status}. {doing}\n\nWhat you can do meanwhile: {workaround}\nWe write again by {next_update}.",
    ),
    Template(
        "customer_resolved",
        "To users: it is over",
        "users",
        "FossaWork: {title} is over",
        "Since {time} everything works again. It lasted {duration}.\n\nWhat happened: {root_cause}\n"
        "What we do so that it does not happen again: {prevention}",
    ),
    Template(
        "security_notice",
        "To users: a security incident",
        "users",
        "FossaWork: please read, it is about the security of your account",
        "What happened: {symptoms}\nWhen: {started}\nWhich data: {data}\nWhat we do: {doing}\n"
        "What you should do: {workaround}\nAsk: {contact}",
    ),
    Template(
        "regulator_notice",
        "To the regulator",
        "regulator",
        "Notification of a personal data breach, {incident}",
        "Nature: {symptoms}\nCategories of data: {data}\nNumber of people: {people}\nLikely consequences: {consequences}\n"
        "Measures: {doing}\nContact: {contact}\nDetected: {detected}",
    ),
    Template(
        "maintenance_notice",
        "Planned maintenance",
        "users",
        "FossaWork: planned work from {from_time} to {to_time}",
        "From {from_time} to {to_time}: {reason}.\n\nMeanwhile: {user_impact}\nNothing you have to do: {workaround}",
    ),
    Template(
        "maintenance_overrun",
        "Maintenance takes longer",
        "users",
        "FossaWork: the planned work takes until {to_time}",
        "The work that was to end at {from_time} takes until {to_time}: {reason}.\n\nMeanwhile: {user_impact}",
    ),
    Template(
        "deployment_start",
        "Deployment begins",
        "team",
        "Deploying {version}",
        "{version} is being installed since {time}. What changes: {changes}\nWay back: {rollback}",
    ),
    Template(
        "deployment_finish",
        "Deployment done",
        "team",
        "{version} is installed",
        "{version} runs since {time}. Checked: {checks}",
    ),
    Template(
        "deployment_rollback",
        "Deployment taken back",
        "team",
        "{version} was taken back",
        "{version} was taken back at {time}: {reason}\nNow running: {previous}",
    ),
    Template(
        "review_invitation",
        "Invitation to the review",
        "team",
        "Review of {incident}: {title}",
        "We look at {incident} on {review}. Please bring what you saw and did; nobody is to blame.\n\n"
        "In charge: {commander}\nWhat happened: {symptoms}",
    ),
)
BY_ID = {template.id: template for template in TEMPLATES}


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    body: str


def render(template_id: str, fields: dict[str, str]) -> Rendered:
    """The message; :class:`Invalid` names every field that is missing or empty, so that no message has a hole."""
    template = BY_ID.get(template_id)
    if template is None:
        raise NotFound(f"There is no template {template_id}.", f"The templates are {', '.join(BY_ID)}.")
    missing = [name for name in template.fields if not fields.get(name, "").strip()]
    if missing:
        raise Invalid(
            f"The message lacks {', '.join(missing)}.",
            "Fill in every field; write that something is not known rather than nothing.",
            errors=[FieldError(field=f"fields.{name}", message="This is needed.") for name in missing],
        )
    clean = {name: redact_text(value.strip()) for name, value in fields.items()}
    return Rendered(
        " ".join(template.subject.format_map(clean).split()),  # one line: a subject is a header
        template.body.format_map(clean),
    )
