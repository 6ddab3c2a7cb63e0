import { AppRegistry } from "react-native";
import { App } from "./App";

// The name under which Expo looks for the app.
AppRegistry.registerComponent("main", () => App);
