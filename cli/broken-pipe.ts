// `sceau … | head`: whoever read the output has gone. The work goes on to its end, and takes down what it has put up; nobody is told.

function ignoreGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners("error").includes(ignoreGoneReader)) stream.on("error", ignoreGoneReader);
  }
}
