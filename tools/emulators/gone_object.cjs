// Loaded into firebase-tools before it starts (node --require).
//
// The Storage emulator asks for an object's metadata, then the rules, then for its bytes. Where the
// object is deleted in between there are no bytes, sending them throws, and the whole suite ends
// ("Cannot read properties of undefined (reading 'byteLength')"). Cloud Storage says that there is
// no such object; so does the emulator with this.
"use strict";

const apis = `${__dirname}/../../node_modules/firebase-tools/lib/emulator/storage/apis`;
const shared = require(`${apis}/shared.js`);
const send = shared.sendFileBytes;
shared.sendFileBytes = (metadata, bytes, request, response) =>
  bytes === undefined ? response.sendStatus(404) : send(metadata, bytes, request, response);
