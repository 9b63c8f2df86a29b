import { describeMode } from "./describe-mode.ts";

describeMode("docs");
