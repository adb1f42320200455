import { defineConfig } from "oxlint";
import { dependencyOrder } from "./tools/dependency-order.ts";

/** Clocks, chance and the process: they appear in the composition root alone and reach the rest as arguments. */
const clock = [
  "Date",
  "Temporal",
  "performance",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "crypto",
  "process",
];

export default defineConfig({
  plugins: ["typescript", "import", "unicorn", "oxc", "node", "promise"],
  options: { typeAware: true },
  categories: { correctness: "error", suspicious: "error" },
  rules: {
    "import/no-cycle": ["error", { ignoreTypes: false }],
    "import/no-default-export": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/no-namespace": "error",
    "typescript/consistent-type-assertions": ["error", { assertionStyle: "never" }],
    "typescript/switch-exhaustiveness-check": [
      "error",
      { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
    ],
    "typescript/no-floating-promises": [
      "error",
      {
        allowForKnownSafeCalls: [
          { from: "package", package: "node:test", name: ["test", "it", "describe", "suite"] },
        ],
      },
    ],
    // tsc knows that an exhaustive switch returns (noImplicitReturns); this rule does not.
    "typescript/consistent-return": "off",
    // Branded bigints are negated all the time.
    "typescript/no-unsafe-unary-minus": "off",
    "unicorn/consistent-function-scoping": "off",
    "unicorn/filename-case": ["error", { case: "kebabCase" }],
  },
  overrides: [
    ...dependencyOrder(),
    {
      files: ["packages/{kernel,contract,client,server}/src/**"],
      excludeFiles: [
        "packages/server/src/server.ts",
        "packages/server/src/cli/**",
        "packages/client/src/defaults.ts",
      ],
      rules: {
        "no-restricted-globals": ["error", ...clock],
        "no-restricted-properties": ["error", { object: "Math", property: "random" }],
      },
    },
    {
      files: ["packages/kernel/src/**"],
      rules: {
        "no-restricted-globals": ["error", ...clock, "Intl", "globalThis"],
        "typescript/switch-exhaustiveness-check": [
          "error",
          { considerDefaultExhaustiveForUnions: false, allowDefaultCaseForExhaustiveSwitch: false },
        ],
      },
    },
    { files: ["*.config.ts"], rules: { "import/no-default-export": "off" } },
  ],
});
