// The start page: what is plugged in.

import { inBothLanguages } from "../../../../web/in-both-languages.ts";

export const home = inBothLanguages(
  {
    title: "Vos jetons",
    none: "Aucun jeton n'est branché. Branchez le vôtre : il apparaît ici de lui-même.",
    caption: "Jetons branchés",
    columns: ["Numéro de série", "Modèle", "État"],
    blank: "Vierge : à activer",
    ready: "Prêt",
    busy: "Occupé par une autre page",
    simulated: "simulé",
    troubles: "Ce qui est branché et ne peut pas servir",
    forbidden: (name: string, group: string) =>
      `${name} : cet utilisateur n'y a pas accès. Un administrateur l'ajoute au groupe ${group}, puis vous rouvrez votre session.`,
    refused: (name: string) =>
      `${name} ne répond pas comme un jeton, ou un autre programme l'utilise. Arrêtez « sceau bridge » s'il fonctionne, puis rebranchez le jeton.`,
    library: (name: string) =>
      `La bibliothèque ${name} manque : les jetons branchés par ce câble ne sont pas vus. Lancez de nouveau l'installation.`,
    refresh: "Actualiser",
  },
  {
    title: "Your tokens",
    none: "No token is plugged in. Plug yours in: it appears here by itself.",
    caption: "Tokens that are plugged in",
    columns: ["Serial number", "Model", "State"],
    blank: "Blank: to be activated",
    ready: "Ready",
    busy: "In use by another page",
    simulated: "simulated",
    troubles: "Plugged in, but of no use",
    forbidden: (name, group) =>
      `${name}: this user may not open it. An administrator adds you to the group ${group}; then sign in to the computer again.`,
    refused: (name) =>
      `${name} does not answer as a token, or another program uses it. Stop “sceau bridge” if it runs, then plug the token in again.`,
    library: (name) => `The library ${name} is missing: tokens on that cable are not seen. Run the installation again.`,
    refresh: "Look again",
  },
);
