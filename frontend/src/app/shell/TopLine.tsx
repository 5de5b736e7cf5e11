import { ActionIcon, Kbd, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconLogout, IconMoon, IconSearch, IconSettings, IconSun, IconUser } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { signOut } from "@/lib/auth";
import { useMaybeUser } from "@/lib/useUser";
import { DataAge } from "./DataAge";
import classes from "./TopLine.module.css";

interface Props {
  slotRef: (element: HTMLElement | null) => void;
  onSearch: () => void;
}

export function TopLine({ slotRef, onSearch }: Props) {
  const user = useMaybeUser();
  const navigate = useNavigate();
  const scheme = useComputedColorScheme("light");
  const { setColorScheme } = useMantineColorScheme();
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <header className={classes.root}>
      <div ref={slotRef} className={classes.slot} />
      <div className={classes.age}>
        <DataAge />
      </div>
      <div className={classes.tools}>
        <button type="button" className={classes.search} onClick={onSearch} aria-label="Search work orders">
          <IconSearch size={16} aria-hidden />
          <span className={classes.searchWord}>Search</span>
          <Kbd size="xs" className={classes.key} aria-hidden>
            /
          </Kbd>
        </button>
        <Tooltip label={`Use the ${other} theme`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            className={classes.theme}
            aria-label={`Use the ${other} theme`}
            onClick={() => setColorScheme(other)}
          >
            {scheme === "dark" ? <IconSun size={18} stroke={1.6} /> : <IconMoon size={18} stroke={1.6} />}
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end" width={230} withInitialFocusPlaceholder={false}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Your account">
              <IconUser size={18} stroke={1.6} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label className={classes.email}>{user?.email}</Menu.Label>
            <Menu.Item
              leftSection={scheme === "dark" ? <IconSun size={16} /> : <IconMoon size={16} />}
              onClick={() => setColorScheme(other)}
            >
              {scheme === "dark" ? "Light theme" : "Dark theme"}
            </Menu.Item>
            <Menu.Item leftSection={<IconSettings size={16} />} onClick={() => navigate({ to: "/settings" })}>
              Settings
            </Menu.Item>
            <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => signOut()}>
              Sign out
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </header>
  );
}
