/** As much of vitest as the vectors need, for a browser. */
type Act = (...values: never[]) => unknown;
const cases: { name: string; act: () => unknown }[] = [];
const within: string[] = [];

export function describe(name: string, body: () => void): void {
  within.push(name);
  body();
  within.pop();
}

export function it(name: string, act: () => unknown): void {
  cases.push({ name: [...within, name].join(" › "), act });
}
it.each =
  (rows: readonly unknown[]) =>
  (name: string, act: Act): void =>
    rows.forEach((row) => it(`${name} ${String(row)}`, () => act(row as never)));

const written = (value: unknown) => JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));

function hold(holds: boolean, found: unknown, expected: unknown): void {
  if (!holds) throw new Error(`expected ${String(expected)}, got ${String(found)}`);
}

export function expect(found: unknown) {
  return {
    toBe: (expected: unknown) => hold(Object.is(found, expected), found, expected),
    toEqual: (expected: unknown) => hold(written(found) === written(expected), found, expected),
    toThrow: (kind: new (...values: never[]) => Error) => {
      let thrown: unknown = null;
      try {
        (found as () => unknown)();
      } catch (error) {
        thrown = error;
      }
      hold(thrown instanceof kind, thrown, kind.name);
    },
  };
}

/** Run every case; how many passed, and what failed. */
export async function run(): Promise<{ passed: number; failed: string[] }> {
  const failed: string[] = [];
  for (const { name, act } of cases) {
    try {
      await act();
    } catch (error) {
      failed.push(`${name}: ${String(error)}`);
    }
  }
  return { passed: cases.length - failed.length, failed };
}
