// Officers, and how they are invited.

import { inBothLanguages } from "../../../../host-bridge/web/in-both-languages.ts";

export const officers = inBothLanguages(
  {
    title: "Agents",
    columns: ["Agent", "État", "Rôles", "Action"],
    none: "Aucun agent dans vos bureaux.",
    invite: "Inviter un agent",
    withdraw: "Retirer",
    newCode: "Nouveau code",
    reinstate: "Réintégrer",
    code: {
      title: (name: string) => `Nouveau code pour ${name}`,
      reinstateTitle: (name: string) => `Réintégrer ${name}`,
      invited: "L'agent n'a pas encore de jeton enregistré. Il reçoit un nouveau code ; les précédents ne servent plus.",
      active:
        "Avec ce code, l'agent enregistre un autre jeton, ou un nouveau certificat sur le sien. Ses sessions se terminent alors, et le certificat de l'ancienne clé est révoqué dès que le nouveau est activé.",
      withdrawn: "L'agent redevient actif, avec ses rôles d'avant, quand il a enregistré un jeton avec ce code.",
      why: "Son jeton actuel",
      held: "Il l'a encore, ou le jeton ne marche plus : sa clé sert jusqu'à ce que le code soit utilisé.",
      lost: "Il est perdu ou volé : sa clé ne connecte plus personne, et ses sessions se terminent tout de suite. Faites aussi révoquer ses certificats.",
      button: "Créer le code",
      done: "Le code est créé.",
      replace: "Si l'agent garde le même jeton, il ajoute --replace à la commande : une nouvelle clé y remplace l'ancienne.",
    },
    handover: {
      label: "Remise du code",
      mail: "Par courriel à l'agent : personne d'autre ne voit le code.",
      show: "Affiché ici, à remettre en main propre. L'agent en est averti, et les contrôles à deux personnes vous comptent, lui et vous, pour une seule tant que sa clé vient de ce code.",
    },
    elsewhere: "A des rôles dans d'autres bureaux",
    done: {
      withdrawn: "L'agent est retiré : ses sessions sont terminées.",
      invited: "L'agent est invité. Le code part par courriel à son adresse.",
      mailed: "Le code est créé et part par courriel à l'adresse de l'agent.",
    },
    withdrawTitle: (name: string) => `Retirer ${name} ?`,
    withdrawText:
      "L'agent ne pourra plus se connecter et ses sessions ouvertes se terminent aussitôt. Ses actions restent au journal d'audit ; ses certificats restent valides tant qu'ils ne sont pas révoqués.",
  },
  {
    title: "Officers",
    columns: ["Officer", "State", "Roles", "Action"],
    none: "No officer in your offices.",
    invite: "Invite an officer",
    withdraw: "Withdraw",
    newCode: "New code",
    reinstate: "Reinstate",
    code: {
      title: (name) => `New code for ${name}`,
      reinstateTitle: (name) => `Reinstate ${name}`,
      invited: "The officer has no enrolled token yet. They are given a new code; the ones before are over.",
      active:
        "With this code the officer enrols another token, or a new certificate on theirs. Their sessions end then, and the former key's certificate is revoked as soon as the new one is active.",
      withdrawn: "The officer is active again, with the roles that they had, once they have enrolled a token with this code.",
      why: "Their present token",
      held: "They still have it, or it does not work any more: its key is good until the code is used.",
      lost: "It is lost or stolen: its key signs nobody in any more, and their sessions end at once. Have its certificates revoked, too.",
      button: "Make the code",
      done: "The code is made.",
      replace: "On the same token the officer adds --replace to the command: a new key replaces the former one.",
    },
    handover: {
      label: "How the code is handed over",
      mail: "By mail to the officer: nobody else sees the code.",
      show: "Shown here, to be handed over in person. The officer is told so, and checks by two people count the two of you as one as long as their key comes from this code.",
    },
    elsewhere: "Has roles in other offices",
    done: {
      withdrawn: "The officer is withdrawn: their sessions have ended.",
      invited: "The officer is invited. The code goes to their address by mail.",
      mailed: "The code is made and goes to the officer's address by mail.",
    },
    withdrawTitle: (name) => `Withdraw ${name}?`,
    withdrawText:
      "The officer can sign in no more, and their open sessions end at once. What they did stays in the audit trail; their certificates stay valid until they are revoked.",
  },
);

export const invitation = inBothLanguages(
  {
    title: "Inviter un agent",
    text: "L'agent reçoit un code qui sert une fois, pendant une semaine, pour enregistrer la clé d'authentification de son jeton.",
    givenName: "Prénom",
    surname: "Nom",
    numberHint: "Le numéro que votre bureau donne à cette personne ; il figurera dans ses certificats.",
    officeHint: "Les rôles ne valent que dans ce bureau.",
    roles: "Rôles",
    role: (name: string, may: string) => `${name} : ${may}`,
    button: "Inviter",
    doneTitle: "Agent invité",
    done: "L'invitation est enregistrée.",
    seen: "Vous voyez ce code : l'agent en est averti par courriel. Tant que sa clé vient de ce code, il ne peut ni approuver ce que vous avez vérifié, ni l'inverse.",
    pass: "L'agent lance cette commande sur l'ordinateur où son jeton est branché :",
    code: "Elle demande ce code, à remettre à l'agent en main propre ou par un canal sûr :",
    once: "Le code n'est affiché que maintenant. Il sert une fois et expire dans 7 jours.",
    back: "Retour aux agents",
  },
  {
    title: "Invite an officer",
    text: "The officer is given a code that works once, for a week, to enrol the authentication key of their token.",
    givenName: "Given name",
    surname: "Surname",
    numberHint: "The number that your office gives this person; their certificates will say it.",
    officeHint: "The roles count in this office only.",
    roles: "Roles",
    role: (name, may) => `${name}: ${may}`,
    button: "Invite",
    doneTitle: "Officer invited",
    done: "The invitation is on record.",
    seen: "You see this code: the officer is told so by mail. As long as their key comes from it, they can't approve what you have verified, nor you what they have.",
    pass: "The officer runs this command on the computer where their token is plugged in:",
    code: "It asks for this code, to be handed over in person or by a safe channel:",
    once: "The code is shown only now. It works once and expires in 7 days.",
    back: "Back to the officers",
  },
);
