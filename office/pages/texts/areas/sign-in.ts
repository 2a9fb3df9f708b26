// Sign-in, and the sessions that it opens.

import { inBothLanguages } from "../../../../host-bridge/web/in-both-languages.ts";

export const signIn = inBothLanguages(
  {
    title: "Connexion des agents",
    tokenTitle: "Avec votre jeton",
    plug: "Branchez votre jeton à cet ordinateur. Aucun mot de passe n'est demandé ici : c'est la clé d'authentification du jeton qui vous identifie.",
    command: "Dans un terminal, lancez cette commande et entrez le PIN de votre jeton :",
    afterwards: "Elle ouvre dans votre navigateur un lien valable une minute et une seule fois.",
    never: "Le PIN ne se saisit jamais sur une page web. Si un site vous le demande, fermez-le et prévenez le bureau.",
    needed: "Il faut être connecté pour voir cette page, ou votre session est terminée.",
    goOn: "Je suis connecté : afficher la page.",
    agentTitle: "Avec l'agent de cet ordinateur",
    agentText: "Si l'agent est lancé (« sceau agent »), il signe à la place de la commande.",
    agentButton: "Me connecter avec l'agent",
    agentHand: "Branchez votre jeton, puis ouvrez la page de l'agent. Elle vous demandera votre PIN : ce bureau ne le voit jamais.",
    tlsTitle: "Avec le certificat du jeton, dans le navigateur",
    tlsText: "Si votre navigateur connaît le jeton (module PKCS#11), il propose votre certificat d'authentification.",
    tlsButton: "Se connecter avec mon certificat",
    linkTitle: "Ouvrir une session",
    linkText:
      "Vous venez de prouver votre identité avec votre jeton. Ce bouton ouvre votre session dans ce navigateur ; le lien ne sert qu'une fois.",
    linkButton: "Ouvrir ma session",
    linkUnasked: "Si vous n'avez pas demandé cette connexion à l'instant, fermez cette page.",
  },
  {
    title: "Sign-in for officers",
    tokenTitle: "With your token",
    plug: "Plug your token into this computer. No password is asked for here: the token's authentication key tells who you are.",
    command: "In a terminal, run this command and enter your token's PIN:",
    afterwards: "It opens a link in your browser that is good for a minute, once.",
    never: "The PIN is never typed into a web page. If a site asks for it, close it and tell the office.",
    needed: "This page is for those who are signed in, or your session has ended.",
    goOn: "I am signed in: show the page.",
    agentTitle: "With this computer's agent",
    agentText: "If the agent is running (“sceau agent”), it signs in place of the command.",
    agentButton: "Sign in with the agent",
    agentHand: "Plug in your token, then open the agent's page. It asks for your PIN: this office never sees it.",
    tlsTitle: "With the token's certificate, in the browser",
    tlsText: "If your browser knows the token (PKCS#11 module), it offers your authentication certificate.",
    tlsButton: "Sign in with my certificate",
    linkTitle: "Open a session",
    linkText: "You have just proved with your token who you are. This button opens your session in this browser; the link works once.",
    linkButton: "Open my session",
    linkUnasked: "If you did not ask for this sign-in just now, close this page.",
  },
);

export const sessions = inBothLanguages(
  {
    title: "Mes sessions",
    text: "Une session se termine après une demi-heure sans activité, et au plus tard après dix heures.",
    columns: ["Ouverte", "Dernière activité", "Fin au plus tard", "Action"],
    this: "Cette session",
    end: "Terminer",
    ended: "La session est terminée.",
  },
  {
    title: "My sessions",
    text: "A session ends after half an hour without a click, and after ten hours at the latest.",
    columns: ["Opened", "Last used", "Ends at the latest", "Action"],
    this: "This session",
    end: "End",
    ended: "The session has ended.",
  },
);
