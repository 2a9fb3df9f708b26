// Joins a unix socket, behind which a card is, and vpcd's port, again and again: started in pcscd's network namespace, where the card's own process is not.
// vpcd-relay.mjs SOCKET HOST PORT

import { connect } from "node:net";

const REDIAL_MS = 100;
const [path, host, port] = process.argv.slice(2);

function join() {
  const ends = [connect(path), connect(Number(port), host)];
  let isOver = false;
  const over = () => {
    if (isOver) return;
    isOver = true;
    for (const end of ends) end.destroy();
    setTimeout(join, REDIAL_MS); // pcscd lets a card go that it had for another one, and takes it the next time
  };
  ends.forEach((end, index) => {
    end.setNoDelay?.(true);
    end.on("data", (bytes) => ends[1 - index].write(bytes));
    for (const event of ["end", "error", "close"]) end.on(event, over);
  });
}

join();
