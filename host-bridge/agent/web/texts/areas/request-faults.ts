// What may be against an office's request, and what to do.

import { inBothLanguages } from "../../../../web/in-both-languages.ts";

export const requestFaults = inBothLanguages(
  {
    trouble: {
      link: {
        title: "Ce lien n'est pas complet",
        text: "Il y manque le bureau ou le numéro de la demande. Retournez à la page du bureau et suivez son lien.",
      },
      untrusted: {
        title: "Ce bureau n'est pas de confiance",
        text: "Rien ne lui a été demandé ni envoyé. Suivez à nouveau le lien de sa page : vous pourrez vérifier son adresse et confirmer.",
      },
      taken: {
        title: "Cette demande est déjà ouverte",
        text: "Une demande ne s'ouvre qu'une fois. Continuez dans la page où vous l'avez ouverte. Si ce n'était pas vous, retournez au bureau, faites une nouvelle demande et prévenez-le.",
      },
      unknown: { title: "Le bureau ne connaît pas cette demande", text: "Retournez à la page du bureau et suivez à nouveau son lien." },
      expired: { title: "Cette demande a expiré", text: "Rien n'a été fait. Retournez à la page du bureau et recommencez." },
      over: {
        title: "Cette demande est close",
        text: "Elle est faite, refusée ou trop ancienne. Regardez son état sur la page du bureau ; il peut vous en remettre une autre.",
      },
      kind: {
        title: "Cette demande n'est pas connue",
        text: "Le bureau demande quelque chose que cette version de Sceau ne sait pas faire. Mettez Sceau à jour.",
      },
      return: {
        title: "Demande refusée : elle mène ailleurs",
        text: "Après cette demande, vous auriez été envoyé sur un autre site que celui du bureau. Rien n'a été fait. Prévenez le bureau.",
      },
      "no-key": {
        title: "Ce jeton n'a pas de clé de connexion",
        text: "Branchez celui avec lequel vous vous connectez d'habitude, ou demandez une invitation au bureau.",
      },
      "other-office": {
        title: "Un autre bureau a les codes de ce jeton",
        text: "Ils n'ont pas été donnés à celui-ci, et rien n'a été fait. Recommencez : la page nommera les deux bureaux et vous demandera votre accord.",
      },
      changed: { title: "Le jeton a changé", text: "Il n'est plus dans l'état que montrait la page. Rien n'a été fait : recommencez." },
      "not-sealed": {
        title: "Ce jeton ne peut pas prouver son origine",
        text: "Il n'est pas passé par l'atelier qui atteste les jetons, et le bureau le refuserait. Demandez-en un autre à votre bureau.",
      },
      "formatted-elsewhere": {
        title: "Ce jeton a été préparé ailleurs",
        text: "Ses clés de gestion ne sont pas sur cet ordinateur. Continuez là où il a été préparé, ou demandez au bureau de le remettre à neuf.",
      },
      "other-token": {
        title: "Ce n'est pas le bon jeton",
        text: "Cette activation est liée à un autre jeton. Débranchez celui-ci et branchez l'autre.",
      },
      "slot-in-use": {
        title: "Ce jeton a déjà une clé de signature",
        text: "Elle n'est pas touchée. Branchez un autre jeton, ou demandez au bureau comment remplacer ce certificat.",
      },
      "other-key": {
        title: "La clé de ce jeton n'est pas celle du certificat",
        text: "Le jeton a été remis à neuf depuis. Demandez au bureau de révoquer l'ancien certificat et d'en préparer un autre.",
      },
    },
    officeTrouble: {
      url: {
        title: "Ce n'est pas l'adresse d'un bureau",
        text: "Le lien qui vous a amené ici est incomplet ou inexact. Retournez à la page de votre bureau et suivez son lien.",
      },
      insecure: {
        title: "Ce bureau n'est pas protégé",
        text: "Son adresse commence par http ; seule une adresse en https est acceptée. N'allez pas plus loin, et prévenez votre bureau.",
      },
      "other-office": {
        title: "Ce bureau se présente sous une autre adresse",
        text: "Ce n'est pas celle à laquelle vous faites confiance. Rien n'a été fait. Prévenez le bureau.",
      },
      certificate: {
        title: "Le bureau ne prouve pas qui il est",
        text: "Son certificat TLS n'est pas d'une autorité connue de cet ordinateur, il a expiré, ou il est d'un autre nom. Rien n'a été envoyé. N'insistez pas : appelez le bureau.",
      },
      unreachable: {
        title: "Le bureau ne répond pas",
        text: "Vérifiez votre connexion à internet, puis recommencez. Derrière un pare-feu, demandez à l'administrateur d'autoriser cette adresse.",
      },
      unreadable: {
        title: "La réponse du bureau est incompréhensible",
        text: "Ce n'est peut-être pas un bureau Sceau, ou sa version est plus récente. Recommencez plus tard, puis prévenez le bureau.",
      },
      proxy: {
        title: "Le proxy de cet ordinateur est mal indiqué",
        text: "Sceau ne passe que par un proxy http, écrit comme http://proxy.example:3128. Rien n'a été envoyé. Corrigez cette variable là où l'agent est lancé, puis relancez-le :",
      },
    },
    refused: {
      title: "Le bureau a refusé",
      text: "Rien n'est perdu : ce qui est fait reste fait. Retournez à la page du bureau, puis recommencez. Si le refus revient, donnez ce motif à l'assistance :",
      session:
        "Le temps accordé par le bureau est écoulé. Ce qui est fait reste fait : répondez à nouveau à ses questions, et l'activation reprendra là où elle était.",
      challenge: "Le bureau n'attend la signature que deux minutes. Retournez à sa page de connexion et recommencez.",
      key: "Le bureau ne connaît pas la clé de ce jeton, ou ne l'accepte plus. Branchez celui avec lequel vous êtes inscrit, ou appelez le bureau.",
    },
  },
  {
    trouble: {
      link: {
        title: "This link is not complete",
        text: "It lacks the office or the number of the request. Go back to the office's page and follow its link.",
      },
      untrusted: {
        title: "This office is not trusted",
        text: "Nothing was asked of it or sent to it. Follow the link on its page again: you can then check its address and confirm it.",
      },
      taken: {
        title: "This request is open already",
        text: "A request opens only once. Go on in the page where you opened it. If that was not you, go back to the office, make a new request and tell the office.",
      },
      unknown: { title: "The office does not know this request", text: "Go back to the office's page and follow its link again." },
      expired: { title: "This request has expired", text: "Nothing was done. Go back to the office's page and begin again." },
      over: {
        title: "This request is closed",
        text: "It is done, declined or too old. Look at its state on the office's page; the office can hand you another.",
      },
      kind: {
        title: "This request is not known",
        text: "The office asks for something that this version of Sceau can't do. Update Sceau.",
      },
      return: {
        title: "Refused: this request leads elsewhere",
        text: "Afterwards you would have been sent to another site than the office's. Nothing was done. Tell the office.",
      },
      "no-key": {
        title: "This token has no key to sign in with",
        text: "Plug in the one that you usually sign in with, or ask the office for an invitation.",
      },
      "other-office": {
        title: "Another office has this token's codes",
        text: "They were not given to this one, and nothing was done. Begin again: the page names both offices and asks for your consent.",
      },
      changed: { title: "The token has changed", text: "It is not any more as the page showed it. Nothing was done: begin again." },
      "not-sealed": {
        title: "This token can't prove where it comes from",
        text: "It did not pass the workshop that vouches for tokens, and the office would refuse it. Ask your office for another.",
      },
      "formatted-elsewhere": {
        title: "This token was prepared elsewhere",
        text: "Its management keys are not on this computer. Go on where it was prepared, or ask the office to make it new again.",
      },
      "other-token": {
        title: "This is not the right token",
        text: "This activation belongs to another token. Unplug this one and plug in the other.",
      },
      "slot-in-use": {
        title: "This token has a signing key already",
        text: "It was left alone. Plug in another token, or ask the office how to replace that certificate.",
      },
      "other-key": {
        title: "This token's key is not the certificate's",
        text: "The token was made new since. Ask the office to revoke the old certificate and prepare another.",
      },
    },
    officeTrouble: {
      url: {
        title: "This is not an office's address",
        text: "The link that brought you here is incomplete or wrong. Go back to your office's page and follow its link.",
      },
      insecure: {
        title: "This office is not protected",
        text: "Its address begins with http; only https is accepted. Go no further, and tell your office.",
      },
      "other-office": {
        title: "This office says that it has another address",
        text: "It is not the one that you trust. Nothing was done. Tell the office.",
      },
      certificate: {
        title: "The office does not prove who it is",
        text: "Its TLS certificate is not by an authority that this computer knows, has expired, or is for another name. Nothing was sent. Do not insist: call the office.",
      },
      unreachable: {
        title: "The office does not answer",
        text: "Check your connection to the internet, then begin again. Behind a firewall, ask the administrator to permit this address.",
      },
      unreadable: {
        title: "The office's answer makes no sense",
        text: "It may be no Sceau office, or a later version. Try again later, then tell the office.",
      },
      proxy: {
        title: "This computer's proxy is not named rightly",
        text: "Sceau goes through http proxies only, written as http://proxy.example:3128. Nothing was sent. Mend this variable where the agent is started, and start it again:",
      },
    },
    refused: {
      title: "The office refused",
      text: "Nothing is lost: what is done stays done. Go back to the office's page, then begin again. If it refuses again, tell the helpdesk this reason:",
      session:
        "The time that the office gave is over. What is done stays done: answer its questions again, and the activation takes up where it was.",
      challenge: "The office waits for the signature for two minutes only. Go back to its sign-in page and begin again.",
      key: "The office does not know this token's key, or accepts it no longer. Plug in the one that you enrolled with, or call the office.",
    },
  },
);
