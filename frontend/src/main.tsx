import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app/tokens.css";
import "./app/global.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { router } from "./app/router";
import { watchPages } from "./app/slowPages";
import { auth } from "./lib/auth";
import { startLogging } from "./lib/logging";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
startLogging(auth.token);
watchPages(router);
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
