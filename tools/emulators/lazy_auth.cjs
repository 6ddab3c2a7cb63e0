// Loaded into firebase-tools before it starts (node --require).
//
// The Auth emulator compiles a validator for every schema of the whole Identity Toolkit API when it
// starts: 20 seconds of computing for a handful of requests. The library that it does this with,
// exegesis, has an option to compile each validator on first use instead; firebase-tools does not
// set it. Validation itself is the same.
"use strict";

const { createRequire } = require("node:module");

const firebaseTools = `${__dirname}/../../node_modules/firebase-tools/package.json`;
const exegesisExpress = createRequire(firebaseTools)("exegesis-express");
const eager = exegesisExpress.middleware;
exegesisExpress.middleware = (description, options) =>
  eager(description, { ...options, lazyCompileValidationSchemas: true });
