import { useHotkeys, useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { HeadSlot } from "@/components/PageHead";
import { auth, refresh } from "@/lib/auth";
import { onJobEvent, openStream } from "@/lib/jobs";
import { useMaybeUser } from "@/lib/useUser";
import { liveData } from "../liveData";
import { Rail } from "./Rail";
import { SandboxBanner } from "./SandboxBanner";
import classes from "./Shell.module.css";
import { TopLine } from "./TopLine";

const SearchPalette = lazy(() => import("./SearchPalette"));

export function Shell() {
  const user = useMaybeUser();
  const queries = useQueryClient();
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const [searchAsked, setSearchAsked] = useState(0);
  const [folded, setFolded] = useLocalStorage({
    key: "fossawork-rail-folded",
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const narrow = useMediaQuery("(max-width: 62em)", undefined, { getInitialValueInEffect: false });
  const small = folded || narrow;
  const userId = user?.id;
  const search = () => setSearchAsked((times) => times + 1);
  useHotkeys([
    ["/", search],
    ["mod+K", search],
  ]);

  useEffect(() => {
    if (userId === undefined) return;
    const off = onJobEvent(liveData(queries));
    const close = openStream({
      token: auth.token,
      renew: () => refresh().catch(() => true),
      onGap: () => queries.invalidateQueries(),
    });
    return () => {
      off();
      close();
    };
  }, [userId, queries]);

  return (
    <HeadSlot value={slot}>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <div className={classes.shell} data-folded={small || undefined}>
        <Rail folded={small} onFold={() => setFolded(!folded)} />
        <div className={classes.column}>
          {user?.link.portal === "sandbox" && <SandboxBanner />}
          <TopLine slotRef={setSlot} onSearch={search} />
          <main id="main" tabIndex={-1} className={classes.main}>
            <Outlet />
          </main>
        </div>
      </div>
      {searchAsked > 0 && (
        <Suspense fallback={null}>
          <SearchPalette asked={searchAsked} />
        </Suspense>
      )}
    </HeadSlot>
  );
}
