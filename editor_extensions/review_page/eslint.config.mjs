import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", "src/schemas"] },
  eslint.configs.recommended,
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Recorded text never becomes markup: there is no way to HTML in this page.
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|setHTMLUnsafe|write|writeln)$/]",
          message: "recorded text is never HTML",
        },
        {
          selector: "JSXAttribute[name.name=/^(dangerouslySetInnerHTML|href|src|srcdoc|action)$/]",
          message: "recorded text is never HTML, and nothing in the page leads out of it",
        },
      ],
      "no-restricted-globals": ["error", "eval", "open", "localStorage", "sessionStorage"],
    },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: {
      globals: { process: "readonly", console: "readonly", Buffer: "readonly", URL: "readonly" },
    },
  },
  {
    // What drives a browser names things of Node and, inside of what it evaluates, of the page.
    files: ["e2e/**/*.mjs"],
    languageOptions: {
      globals: { fetch: "readonly", document: "readonly", getComputedStyle: "readonly" },
    },
  },
);
