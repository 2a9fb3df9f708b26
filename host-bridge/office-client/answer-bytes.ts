// The body of an answer, up to a limit: of what fetch has inflated, which Content-Length says nothing about.

/** What fetch answers, or a tunnel. */
export interface AnswerBody {
  readonly body: AsyncIterable<Uint8Array> | ReadableStream | null;
}

export interface OfficeAnswer extends AnswerBody {
  readonly ok: boolean;
}

/** null: there are more, of which the rest is not waited for. */
export async function answerBytes({ body }: AnswerBody, mostBytes: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > mostBytes) return null; // leaving the loop cancels the rest
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
