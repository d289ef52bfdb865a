import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist", "node_modules"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // An event map is a type alias, so that it has an implicit index signature; interfaces have none.
      "@typescript-eslint/consistent-type-definitions": "off",
    },
  },
  {
    files: ["scripts/*.mjs", "*.js"],
    languageOptions: {
      globals: { console: "readonly", process: "readonly", URL: "readonly", Buffer: "readonly" },
    },
  },
  {
    files: ["scripts/delivery/*.mjs", "test/scenes/*.mjs"],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...["AbortController", "Event", "EventTarget", "URLSearchParams"],
          ...["console", "fetch", "process", "setTimeout"],
        ].map((name) => [name, "readonly"]),
      ),
    },
  },
);
