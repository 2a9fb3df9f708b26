// What went wrong, whatever was asked.

import { inBothLanguages } from "../../../../host-bridge/web/in-both-languages.ts";

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
    "code-unknown": {
      title: "Aucun code demandé ici",
      text: "Ce navigateur n'a pas demandé de code, ou ses cookies ont été effacés. Demandez-en un nouveau depuis votre espace.",
    },
    "code-used": { title: "Code déjà utilisé", text: "Ce code ne sert qu'une fois. Demandez-en un autre." },
    "code-expired": { title: "Code expiré", text: "Ce code n'était valable que dix minutes. Demandez-en un autre." },
    "mailbox-locked": {
      title: "Connexion bloquée",
      text: "Cinq codes faux ont été donnés pour cette adresse. Seul un agent du bureau peut la débloquer : la page d'aide dit comment le joindre.",
    },
    "not-locked": { title: "Rien à débloquer", text: "Ce n'est pas bloqué, ou ne l'est plus." },
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
    "dossier-open": {
      title: "Demande déjà en cours",
      text: "Vous avez déjà une demande en cours pour ce compte. Suivez-la depuis votre espace.",
    },
    "invitation-over": {
      title: "Invitation sans effet",
      text: "Cette invitation a déjà servi, a été retirée, a expiré, ou s'adresse à une autre adresse de courriel. Demandez-en une autre au gestionnaire de votre organisation.",
    },
    "organisation-not-open": {
      title: "Compte corporatif non ouvert",
      text: "Le compte de cette organisation n'est pas ouvert : rien n'avance tant qu'il ne l'est pas. Le bureau, ou le gestionnaire du compte, peut vous dire pourquoi.",
    },
    "association-closed": {
      title: "Association fermée",
      text: "Cette association n'autorise pas de demandes pour le moment. Choisissez-en une autre.",
    },
    "dossier-incomplete": {
      title: "Demande incomplète",
      text: "Il manque quelque chose dans le formulaire. Complétez-le, puis envoyez de nouveau.",
    },
    "dossier-too-late": {
      title: "Trop tard pour annuler",
      text: "Le certificat de ce dossier est déjà émis. Pour y mettre fin, demandez sa révocation au bureau.",
    },
    "questions-locked": {
      title: "Questions bloquées",
      text: "Cinq fois, les réponses n'étaient pas les bonnes. Seul un agent du bureau peut les débloquer : la page d'aide dit comment le joindre.",
    },
    "questions-fixed": {
      title: "Questions déjà enregistrées",
      text: "Une demande en cours s'appuie sur vos questions : elles ne changent plus.",
    },
    "access-session": {
      title: "Session terminée",
      text: "Cette session de représentant légal est terminée, ou n'a jamais été ouverte ici. Donnez de nouveau votre identifiant et votre clé d'accès.",
    },
    "access-locked": {
      title: "Accès bloqué",
      text: "Une clé ou un code faux a été donné cinq fois. Seul un agent du bureau peut débloquer : la page d'aide dit comment le joindre.",
    },
    "access-code": {
      title: "Code secret périmé",
      text: "Ce code ne sert plus : il était valable dix minutes, une seule fois. Demandez-en un autre.",
    },
    "access-same-officer": {
      title: "Un autre agent, s'il vous plaît",
      text: "Vous avez désigné le représentant légal, ou c'est peut-être vous (même boîte, même nom, ou une clé enregistrée avec un code que l'un de vous a vu). Un autre agent doit donner le code.",
    },
    "corporate-refused": {
      title: "Compte corporatif impossible",
      text: "Cette demande ne peut pas être prise ainsi. Vérifiez le formulaire.",
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
    "code-unknown": {
      title: "No code asked for here",
      text: "This browser asked for no code, or its cookies were deleted. Ask for another one from your account.",
    },
    "code-used": { title: "Code used before", text: "This code works once. Ask for another one." },
    "code-expired": { title: "Code expired", text: "This code was good for ten minutes. Ask for another one." },
    "mailbox-locked": {
      title: "Sign-in locked",
      text: "Five wrong codes were given for this address. Only an officer can unlock it: the help page says how to reach the office.",
    },
    "not-locked": { title: "Nothing to unlock", text: "It is not locked, or not any more." },
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
    "dossier-open": {
      title: "Application under way",
      text: "You have an application under way for this account. Follow it from your account.",
    },
    "invitation-over": {
      title: "Invitation of no effect",
      text: "This invitation was used before, was withdrawn, is over, or is for another e-mail address. Ask your organisation's manager for another one.",
    },
    "organisation-not-open": {
      title: "Corporate account not open",
      text: "This organisation's account is not open: nothing goes on until it is. The office, or the account's manager, can tell you why.",
    },
    "association-closed": {
      title: "Association closed",
      text: "This association authorises no applications at the moment. Choose another one.",
    },
    "dossier-incomplete": { title: "Application not complete", text: "Something is missing in the form. Fill it in, then send again." },
    "dossier-too-late": {
      title: "Too late to cancel",
      text: "The certificate of this dossier is issued. To end it, ask the office to revoke it.",
    },
    "questions-locked": {
      title: "Questions locked",
      text: "Five times the answers were not the right ones. Only an officer can unlock them: the help page says how to reach the office.",
    },
    "questions-fixed": {
      title: "Questions saved before",
      text: "An application under way relies on your questions: they do not change any more.",
    },
    "access-session": {
      title: "Session over",
      text: "This session of a legal representative is over, or was never open here. Give your identifier and your access key again.",
    },
    "access-locked": {
      title: "Access locked",
      text: "Five wrong keys or codes were given. Only an officer can unlock it: the help page says how to reach the office.",
    },
    "access-code": {
      title: "Secret code over",
      text: "This code is of no use any more: it was good for ten minutes, once. Ask for another one.",
    },
    "access-same-officer": {
      title: "Another officer, please",
      text: "You named the legal representative, or they may be you (the same mailbox, the same name, or a key enrolled with a code that one of you has seen). Another officer has to give the code.",
    },
    "corporate-refused": { title: "No such corporate account", text: "This request can't be taken like that. Check the form." },
  },
);
