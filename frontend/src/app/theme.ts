import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#e8f4f7",
  "#d0e6ec",
  "#a3cedb",
  "#72b4c7",
  "#4a9db5",
  "#2b8aa5",
  "#17788f",
  "#0f6b83",
  "#0a566a",
  "#05414f",
];

const ink: MantineColorsTuple = [
  "#e6eaed",
  "#c3ccd2",
  "#9aa7b0",
  "#6f7e88",
  "#3d4952",
  "#2a333a",
  "#20282e",
  "#171d22",
  "#12171b",
  "#0d1114",
];

const slate: MantineColorsTuple = [
  "#f6f8f9",
  "#eef1f3",
  "#e3e8eb",
  "#d3dade",
  "#b9c3c9",
  "#93a0a8",
  "#6b7882",
  "#4b5862",
  "#313c45",
  "#19222a",
];

export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 6 },
  colors: { petrol, dark: ink, gray: slate },
  black: "#17212a",
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", monospace',
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "8px", lg: "12px", xl: "20px" },
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  lineHeights: { xs: "1.35", sm: "1.4", md: "1.45", lg: "1.5", xl: "1.5" },
  headings: {
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.0625rem", lineHeight: "1.3" },
      h2: { fontSize: "0.9375rem", lineHeight: "1.35" },
      h3: { fontSize: "0.875rem", lineHeight: "1.4" },
    },
  },
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Button: { defaultProps: { size: "sm" }, styles: { root: { fontWeight: 560 } } },
    Tooltip: { defaultProps: { withArrow: false, openDelay: 350, transitionProps: { duration: 100 } } },
    Modal: {
      defaultProps: {
        transitionProps: { duration: 120 },
        centered: true,
        radius: "lg",
        closeButtonProps: { "aria-label": "Close" },
      },
      styles: { title: { fontSize: "1rem", fontWeight: 620 } },
    },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } } },
    Menu: { defaultProps: { transitionProps: { duration: 100 }, shadow: "md", radius: "md" } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", comboboxProps: { transitionProps: { duration: 100 } } } },
  },
});

/** Mantine's own colours follow the tokens, so that a kit part and a hand-made part never differ. */
export const cssVariables: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-body": "var(--fw-surface)",
    "--mantine-color-text": "var(--fw-text)",
    "--mantine-color-dimmed": "var(--fw-muted)",
    "--mantine-color-placeholder": "var(--fw-muted)",
    "--mantine-color-default": "var(--fw-surface)",
    "--mantine-color-default-hover": "var(--fw-hover)",
    "--mantine-color-default-color": "var(--fw-text)",
    "--mantine-color-default-border": "var(--fw-line-strong)",
    "--mantine-color-anchor": "var(--fw-accent)",
    "--mantine-color-error": "var(--fw-bad)",
    "--mantine-primary-color-light": "var(--fw-accent-soft)",
    "--mantine-primary-color-light-color": "var(--fw-accent)",
  };
  return { variables: {}, light: shared, dark: shared };
};
