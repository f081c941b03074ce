// What the scripts, their build and their tests are held to.
import js from "@eslint/js";
import globals from "globals";

export default [
  {ignores: ["**/node_modules/"]},
  js.configs.recommended,
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: {ecmaVersion: 2022, sourceType: "module"},
    rules: {
      "arrow-body-style": "error",
      "complexity": ["error", 8],
      "eqeqeq": "error",
      "max-depth": ["error", 2],
      "max-lines": ["error", {max: 200}],
      "max-lines-per-function": ["error", {max: 30, skipComments: true}],
      "max-params": ["error", 4],
      "no-duplicate-imports": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-nested-ternary": "error",
      "no-param-reassign": "error",
      "no-shadow": "error",
      "no-unused-vars": ["error", {args: "after-used", argsIgnorePattern: "^_"}],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
  {files: ["reports/html/scripts/{audit,comparison,shared}/**"], languageOptions: {globals: globals.browser}},
  {files: ["reports/html/scripts/*.js", "tests/**/*.mjs"], languageOptions: {globals: globals.node}},
];
