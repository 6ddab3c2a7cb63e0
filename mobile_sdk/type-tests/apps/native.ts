/** A phone's app: react-native-firebase, files and pictures of Expo. */

import { getToken } from "@react-native-firebase/app-check";
import * as FileSystem from "expo-file-system";
import { createMediaIntegrityClient } from "media-integrity-sdk/client";
import { expoFiles } from "media-integrity-sdk/files/expo";
import { nativeFirebase } from "media-integrity-sdk/firebase/native";
import { createExpoDecoder, type ExpoImageManipulator } from "media-integrity-sdk/hashing/expo";

declare const appCheck: Parameters<typeof getToken>[0];
declare const manipulator: ExpoImageManipulator;

export const client = createMediaIntegrityClient({
  firebase: nativeFirebase({
    region: "europe-west1",
    appCheckToken: async (fresh) => (await getToken(appCheck, fresh)).token,
  }),
  options: {
    files: expoFiles(FileSystem),
    decodePicture: createExpoDecoder({
      manipulator,
      removeFile: (uri) => new FileSystem.File(uri).delete(),
    }),
  },
});

// @ts-expect-error the copies have to be removed
createExpoDecoder({ manipulator });
// @ts-expect-error a token is text
nativeFirebase({ appCheckToken: async () => 1 });
