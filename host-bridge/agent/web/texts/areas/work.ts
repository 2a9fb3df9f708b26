// While something is done with a token.

import { inBothLanguages } from "../../../../web/in-both-languages.ts";

export const work = inBothLanguages(
  {
    button: "Appuyez sur le bouton du jeton.",
    buttonHint: "Il clignote et attend votre doigt. Sans appui, il abandonne au bout de quelques secondes.",
    running: "Ne débranchez pas le jeton. Cette page avance toute seule.",
    steps: "Étapes",
    state: { done: "fait", now: "en cours", next: "à venir" },
    cancel: "Abandonner",
  },
  {
    button: "Press the token's button.",
    buttonHint: "It flashes and waits for your finger. Without a press it gives up after some seconds.",
    running: "Do not unplug the token. This page goes on by itself.",
    steps: "Steps",
    state: { done: "done", now: "under way", next: "to come" },
    cancel: "Give up",
  },
);
