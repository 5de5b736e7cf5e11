import { ActionIcon } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { createLink, type LinkComponent } from "@tanstack/react-router";
import type { ComponentProps } from "react";

function Anchor({ label, ...rest }: ComponentProps<"a"> & { label: string }) {
  return (
    <ActionIcon
      component="a"
      variant="subtle"
      color="gray"
      size="md"
      aria-label={label}
      title={label}
      {...rest}
    >
      <IconArrowLeft size={18} stroke={1.6} />
    </ActionIcon>
  );
}

const Made = createLink(Anchor);

/** An arrow to the page above this one. */
export const BackLink: LinkComponent<typeof Anchor> = (props) => <Made {...props} />;
