// What went wrong, and what to do.

import { inBothLanguages } from "../../../../web/in-both-languages.ts";

export const faults = inBothLanguages(
  {
    "not-found": { title: "Cette page n'existe pas", text: "L'adresse est incomplète, ou ce qu'elle montrait a été oublié." },
    host: {
      title: "Adresse refusée",
      text: "Ces pages ne répondent qu'à l'adresse de cet ordinateur. Ouvrez-les par « sceau agent », ou par le lien d'un bureau.",
    },
    "other-site": {
      title: "Demande refusée : elle vient d'un autre site",
      text: "Une page d'un autre site a tenté d'agir à votre place. Rien n'a été fait. Si vous vouliez agir, commencez par la page d'accueil.",
    },
    "stale-form": {
      title: "Ce formulaire a expiré",
      text: "Il a été affiché avant le dernier démarrage de l'agent, ou il n'est pas de lui. Rien n'a été fait. Retournez à la page et recommencez.",
    },
    "other-user": {
      title: "Cet agent est à un autre utilisateur",
      text: "Il ne répond qu'à l'utilisateur de cet ordinateur qui l'a lancé. Lancez le vôtre sous votre nom : sceau agent --port 8758",
    },
    "too-large": { title: "C'est trop volumineux", text: "Ce que vous avez envoyé dépasse la limite. Envoyez-en moins à la fois." },
    unreadable: { title: "La demande n'a pas pu être lue", text: "Rien n'a été fait. Retournez à la page et recommencez." },
    unexpected: {
      title: "Une erreur imprévue s'est produite",
      text: "Regardez l'état du jeton avant de recommencer. Si l'erreur revient, donnez son numéro à l'assistance.",
    },
    "not-plugged-in": {
      title: "Le jeton n'est pas branché",
      text: "Branchez-le, attendez qu'il apparaisse à l'accueil, puis recommencez.",
    },
    twice: {
      title: "Deux jetons disent le même numéro",
      text: "L'un des deux n'est pas celui qu'il prétend. Débranchez celui qui n'est pas à vous, et prévenez votre bureau.",
    },
    busy: { title: "Le jeton est occupé", text: "Une autre page travaille avec lui. Terminez-la ou abandonnez-la, puis recommencez." },
    "unknown-work": {
      title: "Cette opération est terminée",
      text: "Elle l'est depuis trop longtemps pour être montrée. Regardez l'état du jeton à l'accueil.",
    },
    cancelled: {
      title: "Opération abandonnée",
      text: "Vous l'avez abandonnée. Ce qui était déjà fait reste fait ; recommencer reprend là où c'était possible.",
    },
    "wrong-pin": { title: "PIN erroné", text: "Le jeton a refusé ce PIN." },
    blocked: {
      title: "Le PIN est bloqué",
      text: "Trop d'essais erronés. Il faut le PUK de votre jeton pour choisir un nouveau PIN : demandez-le à votre bureau.",
    },
    "weak-pin": { title: "Le jeton refuse ce PIN", text: "Un PIN a 6 à 8 chiffres, ni suite ni répétition. Recommencez avec un autre." },
    "not-pressed": {
      title: "Le bouton n'a pas été pressé",
      text: "Le jeton a attendu et abandonné, ou son état ne permet pas cette opération. Recommencez, et appuyez quand il clignote.",
    },
    "token-full": { title: "Le jeton est plein", text: "Il n'a plus de place. Demandez à votre bureau comment le remplacer." },
    "token-refused": {
      title: "Le jeton a refusé",
      text: "Il n'a pas accepté cette opération dans son état. Débranchez-le, rebranchez-le, et recommencez.",
    },
    "token-gone": {
      title: "Le jeton ne répond plus",
      text: "Il a été débranché, ou son câble tient mal. Rebranchez-le, puis recommencez : ce qui était fait est repris.",
    },
    "token-confused": {
      title: "Le jeton a donné une réponse incompréhensible",
      text: "Rebranchez-le et recommencez. Si cela revient, montrez-le à votre bureau.",
    },
    "trust-file": {
      title: "Un fichier de l'agent est abîmé",
      text: "La liste des bureaux de confiance ne peut pas être lue. Supprimez ce fichier, puis confirmez vos bureaux à nouveau :",
    },
  },
  {
    "not-found": { title: "There is no such page", text: "The address is incomplete, or what it showed was forgotten." },
    host: {
      title: "Address refused",
      text: "These pages answer to this computer's own address only. Open them by “sceau agent”, or by an office's link.",
    },
    "other-site": {
      title: "Refused: the request comes from another site",
      text: "A page of another site tried to act in your place. Nothing was done. If you meant to act, begin at the start page.",
    },
    "stale-form": {
      title: "This form is out of date",
      text: "It was shown before the agent was last started, or is not the agent's. Nothing was done. Go back to the page and begin again.",
    },
    "other-user": {
      title: "This agent is another user's",
      text: "It answers only to the user of this computer who started it. Start your own, as yourself: sceau agent --port 8758",
    },
    "too-large": { title: "This is too large", text: "What you sent is beyond the limit. Send less at a time." },
    unreadable: { title: "The request could not be read", text: "Nothing was done. Go back to the page and begin again." },
    unexpected: {
      title: "Something unexpected went wrong",
      text: "Look at the token's state before you begin again. If the error comes back, tell the helpdesk its number.",
    },
    "not-plugged-in": {
      title: "The token is not plugged in",
      text: "Plug it in, wait until it appears on the start page, then begin again.",
    },
    twice: {
      title: "Two tokens tell the same number",
      text: "One of them is not the one it claims to be. Unplug the one that is not yours, and tell your office.",
    },
    busy: { title: "The token is in use", text: "Another page works with it. Finish that one or give it up, then begin again." },
    "unknown-work": { title: "This is over", text: "It has been for too long to be shown. Look at the token's state on the start page." },
    cancelled: { title: "Given up", text: "You gave it up. What was done stays done; to begin again takes up where that is possible." },
    "wrong-pin": { title: "Wrong PIN", text: "The token refused this PIN." },
    blocked: {
      title: "The PIN is blocked",
      text: "Too many wrong tries. It takes your token's PUK to choose a new PIN: ask your office for it.",
    },
    "weak-pin": {
      title: "The token refuses this PIN",
      text: "A PIN has 6 to 8 digits, neither a sequence nor a repetition. Begin again with another.",
    },
    "not-pressed": {
      title: "The button was not pressed",
      text: "The token waited and gave up, or its state does not allow this. Begin again, and press when it flashes.",
    },
    "token-full": { title: "The token is full", text: "It has no room left. Ask your office how to replace it." },
    "token-refused": {
      title: "The token refused",
      text: "It did not accept this in its state. Unplug it, plug it in again, and begin again.",
    },
    "token-gone": {
      title: "The token does not answer any more",
      text: "It was unplugged, or its cable is loose. Plug it in again and begin again: what was done is taken up.",
    },
    "token-confused": {
      title: "The token gave an answer that makes no sense",
      text: "Plug it in again and begin again. If it happens again, show it to your office.",
    },
    "trust-file": {
      title: "A file of the agent's is damaged",
      text: "The list of trusted offices can't be read. Delete this file, then confirm your offices again:",
    },
  },
);
