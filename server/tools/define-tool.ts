import * as z from "zod";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { sentenceOf } from "../../contract/problem.ts";
import type { ServerContext } from "../context.ts";

/** What a tool is to a client, and how it is run. */
export interface Tool {
  readonly name: string;
  /** The name of one version ago, which still answers but is not listed: a permission or a prompt may have it. */
  readonly formerName: string | null;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: { type: "object"; [keyword: string]: unknown };
  readonly annotations: Annotations;
  /** Called by a hook by its name, and never listed, so that it costs no context. */
  readonly isHidden: boolean;
  /**
   * @param args - as they came from the client
   * @throws PhotonError when it did not do what it was asked; server.ts makes the sentence
   */
  run(args: unknown, context: ServerContext): Promise<Reply>;
}

/** What Claude gets. */
export interface Reply {
  readonly text: string;
  /** Called when the text was handed to the client: only then anybody was shown or told something. */
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
  run(input: z.output<Input>, context: ServerContext): Promise<string | Reply> | string | Reply;
}

/** A tool from its schema: the arguments are parsed once, here, and a wrong one is a sentence that names it. */
export function defineTool<Input extends z.ZodType>(definition: ToolDefinition<Input>): Tool {
  const { name, formerName = null, description, input, annotations = {}, isHidden = false } = definition;
  return {
    name,
    formerName,
    description,
    inputSchema: jsonSchemaOf(input),
    annotations,
    isHidden,
    async run(args, context) {
      const parsed = input.safeParse(args ?? {});
      if (!parsed.success) {
        throw new PhotonError("invalid_request", `${sentenceOf(parsed.error, name)}.`, { cause: parsed.error });
      }
      const reply = await definition.run(parsed.data, context);
      return typeof reply === "string" ? { text: reply } : reply;
    },
  };
}

/** Every tool definition is read by the model at each start of a session: what says nothing to it is left out. */
function jsonSchemaOf(input: z.ZodType): Tool["inputSchema"] {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(input, {
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern; // `format: "uuid"` says it shorter
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return { ...schema, type: "object" };
}
