import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = join(import.meta.dirname, "..", "src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(ts|tsx|css)$/.test(name) && !name.endsWith("schema.d.ts"))
  .map((name) => name.replaceAll("\\", "/"));

/** What a file imports, as a path below src. */
function importsOf(file: string, text = readFileSync(join(SRC, file), "utf8")): string[] {
  return [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].flatMap(([, target = ""]) => {
    if (target.startsWith("@/")) return [target.slice(2)];
    if (target.startsWith(".")) return [relative(SRC, join(SRC, file, "..", target)).replaceAll("\\", "/")];
    return [];
  });
}

function breaches(file: string, imports: string[]): string[] {
  const [floor, slice] = file.split("/");
  return imports.filter((target) => {
    const [there, other] = target.split("/");
    if (there === "app") return floor !== "app" && file !== "main.tsx";
    if (there === "features") return floor !== "app" && !(floor === "features" && slice === other);
    return false;
  });
}

describe("the house", () => {
  it("has slices that know nothing of each other, and no ground floor that looks up", () => {
    const found = files.flatMap((file) =>
      breaches(file, importsOf(file)).map((target) => `${file} imports ${target}`),
    );
    expect(found).toEqual([]);
  });

  it("would notice a breach", () => {
    const text = 'import { x } from "../work/weekGrid";\nconst y = import("@/app/theme");';
    expect(breaches("features/forms/plan.ts", importsOf("features/forms/plan.ts", text))).toEqual([
      "features/work/weekGrid",
      "app/theme",
    ]);
  });

  it("keeps its files small", () => {
    const long = files.filter((file) => readFileSync(join(SRC, file), "utf8").split("\n").length > 400);
    expect(long).toEqual([]);
  });
});
