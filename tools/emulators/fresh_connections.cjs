// Loaded into firebase-tools before it starts (node --require).
//
// The Functions emulator sends its requests on connections that Node keeps open for five seconds;
// functions-framework's server closes idle ones after two. A request that meets the closing fails
// ("socket hang up"), and nobody sends it again: an uploaded file's event is lost, and the file is
// never looked at. Eventarc and Cloud Tasks would try again. With this every request has a
// connection of its own.
"use strict";

const http = require("http");

http.globalAgent = new http.Agent({ keepAlive: false });
