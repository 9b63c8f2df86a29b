import * as z from "zod";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { sentenceOf } from "../../contract/problem.ts";
import type { Confirm, ServerContext } from "../context.ts";

/** A tool as the client sees it, and how to run it. */
export interface Tool {
  readonly name: string;
  /** The name in an older version. It still works but is not listed: a permission or a prompt may contain it. */
  readonly formerName: string | null;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: { type: "object"; [keyword: string]: unknown };
  readonly annotations: Annotations;
  /** A hook calls it by name. It is not listed, so it costs no context. */
  readonly isHidden: boolean;
  /**
   * @param args - unparsed, from the client
   * @throws PhotonError if it failed; server.ts turns the error into text
   */
  run(args: unknown, context: ServerContext, caller?: Caller): Promise<Reply>;
}

/** Who calls a tool: the model, or Photon's mod for the person at the screen. */
export type Caller = "model" | "mod";

/** The result for Claude. */
export interface Reply {
  readonly text: string;
  /** Called after the text was written to the client: only then a message counts as shown. */
  readonly whenSent?: () => void;
}

interface Annotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

interface ToolDefinition<Input extends z.ZodType> {
  readonly name: string;
  readonly formerName?: string;
  readonly description: string;
  readonly input: Input;
  readonly annotations?: Annotations;
  readonly isHidden?: boolean;
  run(input: z.output<Input>, context: ServerContext, caller: Caller): Promise<string | Reply> | string | Reply;
}

/** Builds a tool from its schema. Parses the arguments; the error for an invalid one names it. */
export function defineTool<Input extends z.ZodType>(definition: ToolDefinition<Input>): Tool {
  const { name, formerName = null, description, input, annotations = {}, isHidden = false } = definition;
  return {
    name,
    formerName,
    description,
    inputSchema: jsonSchemaOf(input),
    annotations,
    isHidden,
    async run(args, context, caller = "model") {
      const parsed = input.safeParse(args ?? {});
      if (!parsed.success) {
        throw new PhotonError("invalid_request", `${sentenceOf(parsed.error, name)}.`, { cause: parsed.error });
      }
      const reply = await definition.run(parsed.data, context, caller);
      return typeof reply === "string" ? { text: reply } : reply;
    },
  };
}

/** The model reads every tool definition in each session, so parts of the schema that do not help it are left out. */
function jsonSchemaOf(input: z.ZodType): Tool["inputSchema"] {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(input, {
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern; // `format: "uuid"` is shorter
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return { ...schema, type: "object" };
}

/** Why something was not done that the person had to confirm. */
export function refusalReason(answer: Exclude<Awaited<ReturnType<Confirm>>, "yes">): string {
  return answer === "no" ? "the person did not agree" : "the person could not be asked in this session";
}
