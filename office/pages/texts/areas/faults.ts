// What went wrong, whatever was asked.

import { inBothLanguages } from "../in-both-languages.ts";

export const faults = inBothLanguages(
  {
    "not-found": { title: "Page introuvable", text: "Il n'y a rien à cette adresse, ou rien qui concerne vos bureaux." },
    "not-permitted": {
      title: "Action non permise",
      text: "Vos rôles ne permettent pas cela dans ce bureau. Un administrateur peut les compléter.",
    },
    foreign: {
      title: "Demande refusée",
      text: "Cette demande ne vient pas d'une page de ce bureau ouverte dans votre session. Rien n'a été fait. Rouvrez la page et recommencez.",
    },
    "too-many": { title: "Trop d'essais", text: "Il y a eu trop d'essais en peu de temps. Réessayez dans quelques minutes." },
    state: { title: "Plus possible", text: "L'état a changé entre-temps, ou ne permet pas cette action. Rien n'a été fait." },
    "challenge-unknown": { title: "Défi inconnu", text: "Ce défi n'a pas été donné par ce bureau." },
    "challenge-used": { title: "Défi déjà utilisé", text: "Relancez la connexion." },
    "challenge-expired": { title: "Défi expiré", text: "Relancez la connexion." },
    "key-unknown": { title: "Clé inconnue", text: "Ce bureau ne connaît aucun agent avec la clé de ce jeton." },
    "key-out-of-service": {
      title: "Jeton hors service",
      text: "Le certificat de la clé de ce jeton est révoqué ou expiré, ou le jeton est déclaré perdu. Un administrateur peut vous aider.",
    },
    "not-active": { title: "Agent non actif", text: "Cet agent a été retiré ou n'est pas encore enregistré." },
    signature: { title: "Signature refusée", text: "La signature du défi n'est pas celle de ce jeton pour ce bureau." },
    "link-unknown": { title: "Lien inconnu", text: "Ce lien n'est pas de ce bureau, ou il est incomplet. Relancez la connexion." },
    "link-used": {
      title: "Lien déjà utilisé",
      text: "Ce lien ne sert qu'une fois. Si ce n'était pas vous, prévenez le bureau ; sinon relancez la connexion.",
    },
    "link-expired": { title: "Lien expiré", text: "Ce lien n'était valable qu'une minute. Relancez la connexion." },
    "already-officer": { title: "Déjà agent", text: "Cette personne est déjà un agent, ou a déjà été invitée." },
    "key-known": { title: "Clé déjà enregistrée", text: "La clé de ce jeton est déjà celle d'un autre agent." },
    "last-administrator": {
      title: "Dernier administrateur",
      text: "C'est le dernier administrateur actif : il faut d'abord en inviter un autre.",
    },
    yourself: { title: "C'est vous", text: "Vous ne pouvez pas vous retirer vous-même : un autre administrateur doit le faire." },
    "too-large": { title: "Demande trop grande", text: "Ce qui a été envoyé est trop grand." },
    unreadable: { title: "Demande illisible", text: "Ce qui a été envoyé n'est pas ce que cette page attend." },
    unexpected: {
      title: "Erreur du bureau",
      text: "Quelque chose n'a pas fonctionné de notre côté. Si vous avez modifié quelque chose, vérifiez-en l'état avant de recommencer.",
    },
  },
  {
    "not-found": { title: "Nothing there", text: "There is nothing at this address, or nothing that concerns your offices." },
    "not-permitted": { title: "Not permitted", text: "Your roles do not permit this in this office. An administrator can add to them." },
    foreign: {
      title: "Request refused",
      text: "This request does not come from a page of this office that was opened in your session. Nothing was done. Open the page again and retry.",
    },
    "too-many": { title: "Too many tries", text: "There were too many tries in a short time. Try again in a few minutes." },
    state: { title: "Not possible any more", text: "The state has changed meanwhile, or does not allow this. Nothing was done." },
    "challenge-unknown": { title: "Unknown challenge", text: "This office did not give out this challenge." },
    "challenge-used": { title: "Challenge used before", text: "Start the sign-in again." },
    "challenge-expired": { title: "Challenge expired", text: "Start the sign-in again." },
    "key-unknown": { title: "Unknown key", text: "This office knows no officer with this token's key." },
    "key-out-of-service": {
      title: "Token out of service",
      text: "The certificate of this token's key is revoked or expired, or the token was reported lost. An administrator can help.",
    },
    "not-active": { title: "Officer not active", text: "This officer was withdrawn, or is not enrolled yet." },
    signature: { title: "Signature refused", text: "The challenge's signature is not this token's for this office." },
    "link-unknown": { title: "Unknown link", text: "This link is none of this office's, or not complete. Start the sign-in again." },
    "link-used": {
      title: "Link used before",
      text: "This link works once. If it was not you, tell the office; else start the sign-in again.",
    },
    "link-expired": { title: "Link expired", text: "This link was good for a minute. Start the sign-in again." },
    "already-officer": { title: "Officer already", text: "This person is an officer, or was invited before." },
    "key-known": { title: "Key known already", text: "Another officer has this token's key already." },
    "last-administrator": { title: "Last administrator", text: "This is the last active administrator: invite another one first." },
    yourself: { title: "That is you", text: "You cannot withdraw yourself: another administrator has to do it." },
    "too-large": { title: "Request too large", text: "What was sent is too large." },
    unreadable: { title: "Request unreadable", text: "What was sent is not what this page takes." },
    unexpected: {
      title: "Error of the office",
      text: "Something did not work on our side. If you were changing something, look at its state before you try again.",
    },
  },
);
