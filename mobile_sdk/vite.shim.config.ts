import base from "./vite.config.js";
import { fileURLToPath } from "node:url";
const alias = [{ find: /^media-integrity-sdk\/components$/, replacement: fileURLToPath(new URL("./src/zz-shim-components.tsx", import.meta.url)) }, ...(base as any).resolve.alias];
export default { ...(base as any), resolve: { ...(base as any).resolve, alias } };
