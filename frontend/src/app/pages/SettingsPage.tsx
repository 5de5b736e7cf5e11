import { Button, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { IconLogout } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { PageHead } from "@/components/PageHead";
import { LinkSection } from "@/features/accounts/LinkSection";
import { PeopleSection } from "@/features/accounts/PeopleSection";
import { PolitenessSection } from "@/features/accounts/PolitenessSection";
import { WorkWeekSection } from "@/features/accounts/WorkWeekSection";
import { ProversSection } from "@/features/provers/ProversSection";
import { FormSettingsSection } from "@/features/templates/FormSettingsSection";
import { TemplatesSection } from "@/features/templates/TemplatesSection";
import { signOut } from "@/lib/auth";
import { useMaybeUser } from "@/lib/useUser";
import classes from "./SettingsPage.module.css";

function Section({
  id,
  title,
  text,
  children,
}: {
  id: string;
  title: string;
  text: string;
  children: ReactNode;
}) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className={classes.section}>
      <div className={classes.about}>
        <h2 id={`${id}-title`} className={classes.title}>
          {title}
        </h2>
        <p className="muted">{text}</p>
      </div>
      <div className={classes.body}>{children}</div>
    </section>
  );
}

export function SettingsPage() {
  const user = useMaybeUser();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className={classes.root}>
      <PageHead title="Settings" />
      <Section id="portal" title="WorkFossa" text="The portal account FossaWork works with, as you.">
        <LinkSection />
      </Section>
      <Section
        id="provers"
        title="Provers"
        text="Where each test can stands and which grades it is for. Form plans choose by it."
      >
        <ProversSection />
      </Section>
      <Section id="forms" title="Forms" text="What a run prepares, and how long its evidence is kept.">
        <FormSettingsSection />
      </Section>
      <Section
        id="readings"
        title="Reading templates"
        text="Which readings each station type gets. Only what stands in a template is ever typed."
      >
        <TemplatesSection />
      </Section>
      <Section id="politeness" title="Portal use" text="How gently FossaWork uses the portal in your name.">
        <PolitenessSection />
      </Section>
      <Section
        id="week"
        title="Work week"
        text="Which days are columns, and when the screens go on to next week."
      >
        <WorkWeekSection />
      </Section>
      <Section id="theme" title="Appearance" text="Kept on this device.">
        <div>
          <SegmentedControl
            aria-label="Theme"
            value={colorScheme}
            onChange={(value) => setColorScheme(value as "auto" | "light" | "dark")}
            data={[
              { value: "auto", label: "As the system" },
              { value: "light", label: "Light" },
              { value: "dark", label: "Dark" },
            ]}
          />
        </div>
      </Section>
      {user?.role === "admin" && (
        <Section id="people" title="People" text="Who has an account here, and what it is good for.">
          <PeopleSection />
        </Section>
      )}
      <Section id="account" title="Account" text="Your account on this FossaWork server.">
        <div className={classes.account}>
          <span>
            {user?.email} <span className="muted">{user?.is_owner ? "owner" : user?.role}</span>
          </span>
          <Button
            variant="default"
            leftSection={<IconLogout size={16} aria-hidden />}
            onClick={() => signOut()}
          >
            Sign out
          </Button>
        </div>
      </Section>
    </div>
  );
}
