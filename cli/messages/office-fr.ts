// What `sceau office` says of its server, officers and backups, in French.

import type { OfficeMessages } from "./office-en.ts";

export const officeFr: OfficeMessages = {
  help: {
    host: "adresse d'écoute ; par défaut 127.0.0.1",
    port: "port d'écoute ; par défaut 8440",
    publicUrl:
      "adresse du bureau vu de l'extérieur : inscrite dans chaque certificat dès que l'autorité est créée ; par défaut http://HÔTE:PORT",
    tlsKey: "clé privée (PEM), pour parler TLS sans mandataire",
    tlsCertificate: "son certificat et ceux qui le suivent (PEM)",
    smtp: "serveur par lequel partent les messages : smtp://utilisateur@hôte (avec STARTTLS) ou smtps://utilisateur@hôte ; par défaut, des fichiers dans mails/ du dossier",
    smtpPasswordFile: "fichier du mot de passe de cet utilisateur ; - est l'entrée standard",
    smtpFrom: "adresse de l'expéditeur ; par défaut office@ et l'hôte du bureau",
    demo: "une démonstration, dans un dossier à elle : des organisations, des agents, des certificats et des demandes dans tous les états ; les jetons simulés ne comptent que là",
    trustedProxy: "adresse d'un mandataire dont X-Forwarded-For dit qui demande : les limites comptent par là",
    trustClock:
      "démarrer bien que le bureau ait noté une heure plus tardive que l'horloge de cette machine : quand elle est juste, et qu'elle ne l'était pas alors",
    log: "ce qui est journalisé sur la sortie d'erreur : silent, error, warn ou info",
    status: "ce que fait le bureau en marche",
    officer: "les agents : qui ils sont, inviter, nouveau code, retirer, réintégrer",
    officerList: "les agents et leurs rôles",
    officerInvite: "inviter un agent, ou donner un nouveau code à qui n'est pas encore inscrit",
    officerEmail: "adresse électronique de l'agent",
    officerRole: "rôle : verifier, approver, issuer, helpdesk, auditor, administrator (plusieurs fois)",
    officerLanguage: "langue de l'invitation : fr ou en",
    officerRenew:
      "un nouveau code pour un agent dont le jeton est perdu, abîmé ou bientôt périmé : il inscrit un autre jeton, ou un nouveau certificat",
    officerLost: "le jeton est peut-être dans d'autres mains : sa clé ne connecte plus personne, dès maintenant",
    officerReinstate: "réintégrer un agent retiré, avec un code pour inscrire un jeton",
    officerLast: "même le dernier administrateur actif d'un bureau ; invitez-en ensuite un autre",
    officerWithdraw: "retirer un agent : il ne se connecte plus, et ce qu'il a d'ouvert se termine",
    officerId: "numéro ou adresse électronique de l'agent",
    yes: "déjà confirmé : ne pas demander",
    audit: "le journal d'audit",
    auditVerify:
      "le lire en entier, vérifier sa chaîne, ses têtes signées et le fichier qui les garde ; code de sortie 1 si quelque chose cloche",
    auditHead: "afficher la dernière tête signée, à garder ailleurs ; avec --verify : comparer aux têtes de ce fichier",
    auditRestored: "dire que la base a été restaurée autrement que par sceau office restore",
    signIn:
      "se connecter avec la clé 9A du jeton : affiche un lien qui ouvre le bureau dans un navigateur, une fois (pour l'instant : jetons simulés)",
    officeUrl: "adresse du bureau ; par défaut http://127.0.0.1:8440",
    open: "ouvrir aussi le lien dans le navigateur",
    enrol:
      "inscrire le jeton d'un agent invité : sa clé 9A et le certificat qui le connecte (pour l'instant : jetons simulés, que seule une démonstration certifie)",
    enrolUrl: "adresse du bureau, ou le lien entier",
    codeFile: "fichier dont la première ligne est le code de l'invitation (- : entrée standard)",
    replace: "remplacer la clé et le certificat qui sont en 9A",
    backup: "tout écrire, chiffré, dans un seul fichier : base, autorité, réglages",
    backupFile: "le fichier ; il ne doit pas encore exister",
    restore: "refaire un bureau d'une sauvegarde, là où il n'y en a pas",
    restoreFile: "la sauvegarde",
    restoreCrl:
      "les dernières listes de révocation de ses AC émettrices : ce qu'elles révoquent et que la sauvegarde ignore est de nouveau révoqué",
    backupPassphraseFile: "fichier dont la première ligne est la phrase secrète, de 12 caractères au moins (- : entrée standard)",
  },
  first: { organisation: "Sceau", givenName: "Premier", surname: "Agent", language: "fr" },
  progress: {
    database: "Ouverture de la base …",
    "first-database": "Création de la base (quelques secondes, la première fois) …",
    demo: "Remplissage de la démonstration …",
    authority: "Ouverture de l'autorité de certification …",
    listen: "Ouverture du port …",
  },
  authorityMade: (folder, rootKey) =>
    `Une autorité de certification a été créée dans ${folder}, sans personne. La clé de sa racine est dans ${rootKey}, la phrase secrète à côté : emportez les deux.\nPour un usage réel, tenez une cérémonie avant le premier démarrage : sceau office ca init`,
  firstOfficer: "Il n'y a pas encore d'agent. Le premier, un administrateur, branche son jeton et tape :",
  firstCode: "puis donne ce code, qui vaut une fois, pendant une semaine :",
  nobodyYet: "Aucun agent n'est encore inscrit. Un nouveau code : sceau office officer invite --email ADRESSE (sceau office officer list)",
  noSocket: "Un autre serveur de ce dossier reçoit les commandes de sceau office, jusqu'à ce qu'il s'arrête ; ensuite, c'est celui-ci.",
  warning: {
    clock: (at) => `⚠ Le bureau a noté ${at}, plus tard que l'horloge de cette machine, que vous dites juste. Le journal d'audit le garde.`,
    "root-expired": (at) =>
      `⚠ La racine a expiré le ${at} : créez une autre autorité, dans un autre dossier. Plus aucun certificat de celle-ci n'est cru.`,
    "issuer-expired": (at) =>
      `⚠ L'AC émettrice a expiré le ${at} : aucun certificat ne peut être émis. Tenez une cérémonie : sceau office ca roll-over`,
    "issuer-short": (at, profiles) =>
      `⚠ L'AC émettrice finit le ${at}, et avec elle tout nouveau certificat ${profiles}, avant son terme. Tenez une cérémonie : sceau office ca roll-over`,
    "root-crl": (at) =>
      `⚠ La liste de révocation de la racine a pris fin le ${at}. Apportez la clé de la racine : sceau office ca root-crl`,
  },
  ready: (url) => `Le bureau est à l'adresse ${url}`,
  listensOn: (address) => `Il écoute sur ${address}`,
  howToStop: "Ctrl-C l'arrête.",
  stopped: "Le bureau est arrêté.",
  label: {
    address: "Écoute sur",
    since: "Depuis",
    store: "Base",
    certificates: "Certificats",
    officers: "Agents",
    jobs: "Tâches",
    audit: "Journal d'audit",
    headEvent: "Événement",
    headAt: "Signé le",
    headHash: "Empreinte",
    headSignature: "Signature",
  },
  jobs: (due, failing) => `${due} en attente, ${failing} en échec`,
  failingJob: (kind, attempts, error, nextTry) => `${kind} : ${attempts} échecs (${error}), nouvel essai ${nextTry}`,
  events: (events, head) => `${events} événements, dernière signature ${head}`,
  invited: (email) => `${email} est invité.`,
  renewed: (name) => `${name} a un nouveau code ; les précédents ne servent plus.`,
  reinstated: (name) => `${name} est réintégré, et de nouveau actif dès qu'il a inscrit un jeton.`,
  mailed: (email) => `Le code part par courriel à ${email}.`,
  typed: "Son jeton branché, il tape :",
  keyHeld:
    "Sur le même jeton avec --replace : une nouvelle clé remplace l'ancienne. D'ici là, l'ancienne le connecte ; son certificat est révoqué dès que le nouveau est actif.",
  keyLost:
    "Le jeton perdu ne connecte plus personne, et ses sessions sont terminées. Déclarez-le perdu sur sa fiche au bureau : ses certificats sont alors révoqués.",
  confirmLost: (name) => `Tapez LOST : ce que ${name} a d'ouvert se termine, et son jeton ne le connecte plus :`,
  confirmWithdrawal: (name) => `Tapez WITHDRAW pour retirer ${name} :`,
  withdrawn: (name) => `${name} est retiré.`,
  auditGood: (events, heads, outside) =>
    `Le journal d'audit est entier : ${events} événements ; têtes signées : ${heads}, comparées à celles gardées hors de la base : ${outside}.`,
  auditBad: (fault, number) => `LE JOURNAL D'AUDIT N'EST PAS ENTIER, à partir de l'événement ${number} : ${fault}`,
  auditFault: {
    changed: "il a été changé",
    missing: "il manque",
    end: "le journal ne finit pas comme il a été écrit",
    head: "sa tête signée n'est pas de la clé du bureau",
    "cut-off": "il a été coupé : des têtes signées, gardées hors de la base, vont plus loin",
    rewritten: "il a été réécrit : une tête signée, gardée hors de la base, dit autre chose",
    "no-head": "plus personne ne le signe",
  },
  auditRestored: (at, number, lost, until) =>
    `Restauré le ${at} d'une sauvegarde qui va jusqu'à l'événement ${number}. ${until === null ? "Aucune tête signée d'avant ne manque." : `Têtes signées d'avant qui ne sont plus dans le journal : ${lost}, jusqu'à l'événement ${until}.`}`,
  auditUnreadable: (lines, first) =>
    `Lignes illisibles dans audit.heads : ${lines}, la première est la ligne ${first}. Une coupure de courant en laisse une ; cherchez qui a écrit les autres.`,
  auditNoHead: "Le journal d'audit n'a pas encore de tête signée.",
  auditKeepHead: "Gardez cette ligne hors de portée de la machine du bureau. Pour comparer : sceau office audit --verify --head FICHIER",
  confirmRestored:
    "Seulement si vous avez restauré la base autrement que par sceau office restore : ce qui s'y est perdu sera dit à chaque vérification désormais. Tapez RESTORED :",
  auditSaidRestored: (number) => `C'est noté : le journal a été restauré jusqu'à l'événement ${number}.`,
  adopted: "Le bureau en marche s'en sert désormais.",
  signInPin: (token, office) => `PIN du jeton ${token}, pour se connecter à ${office} :`,
  signInLink: "Ce lien ouvre le bureau dans un navigateur, une fois, dans la minute :",
  enrolCode: "Code de l'invitation :",
  smtpPassword: (host) => `Mot de passe du serveur de messagerie ${host} : `,
  enrolPin: (token, office) => `PIN du jeton ${token}, pour l'inscrire à ${office} :`,
  enrolled: (token, subject) => `Le jeton ${token} est inscrit pour ${subject}. Pour se connecter :`,
  backupPassphrase: (file) => `Phrase secrète de la sauvegarde ${file} :`,
  backedUp: (file, rows, files) =>
    `Tout est dans ${file} : ${rows} lignes, ${files} fichiers. Sauf la clé de la racine : elle est là où sa cérémonie l'a mise.`,
  restored: (folder, rows, files, at) =>
    `Le bureau est de nouveau dans ${folder} : ${rows} lignes, ${files} fichiers, dans leur état du ${at}.`,
  listTaken: (issuer, number, revoked, unknown) =>
    `De la liste de révocation ${number} de ${issuer} : ${revoked} certificats de nouveau révoqués, et ${unknown} numéros de série que la sauvegarde ignore.`,
  noListTaken:
    "⚠ AUCUNE LISTE DE RÉVOCATION PLUS RÉCENTE N'A ÉTÉ APPORTÉE : les certificats révoqués depuis sont DE NOUVEAU VALABLES. Si vous pouvez obtenir la dernière liste de chaque AC émettrice (…/crl/issuing.crl, une copie, le cache d'un client), enlevez ce qui vient d'être restauré, et restaurez encore une fois avec --crl.",
  notRestored: (at) =>
    [
      `Ce qui s'est passé après le ${at} est oublié. Avant que quiconque se serve du bureau :`,
      "  1. Révocations : comparez avec la dernière liste de révocation, les lettres et les courriels ; révoquez de nouveau ce qui manque.",
      "  2. Certificats émis depuis : le bureau ne les connaît pas, et son OCSP le dit. Retrouvez-les (courriels, jetons, documents signés), faites-en émettre de nouveaux, et que personne ne se fie aux anciens.",
      "  3. Les agents retirés depuis peuvent de nouveau se connecter, les jetons déclarés perdus sont de nouveau en service : retirez-les et déclarez-les de nouveau (sceau office officer list).",
      "  4. Les codes et les défis en cours ont pris fin : invitez de nouveau qui n'était pas inscrit (sceau office officer invite).",
      "Démarrez-le : sceau office. L'ancien serveur ne doit plus tourner.",
    ].join("\n"),
  demo: {
    made: (officers, pin) =>
      `Les agents de la démonstration sont des jetons simulés ; leur PIN est ${pin}. Branchez-en un par sceau sim NOM : ${officers}`,
    signIn: (url) => `Pour se connecter comme l'un d'eux : sceau office sign-in ${url}`,
    people: (url, mails) =>
      `Demandeurs et gestionnaires se connectent avec leur adresse sur ${url} ; le code est dans le dernier message de ${mails}. Parmi eux :`,
    person: {
      ready: "approuvée : un numéro de référence attend dans un message, pour : sceau activate",
      today: "un rendez-vous aujourd'hui, des pièces déposées",
      submitted: "envoyée, sans rendez-vous",
      draft: "un formulaire commencé",
      manager: "gestionnaire d'un compte corporatif ouvert",
      invited: "invitée par ce compte, pas encore commencé",
      approved: "approuvé, le numéro de référence a expiré",
      active: "un certificat actif",
    },
    answers: (answers) => `Les réponses de chacun à ses trois questions, dans l'ordre de la page : ${answers}`,
  },
  failure: {
    folderInUse: (folder) => `Un autre serveur tient le bureau dans ${folder}. Arrêtez-le, ou interrogez-le : sceau office status`,
    portTaken: (address) => `Un autre programme écoute sur ${address}. Choisissez un autre port avec --port.`,
    otherAddress: (fixed) =>
      `Les certificats de l'autorité disent ${fixed}, ce qui ne se change plus. Laissez --public-url de côté, ou créez une autre autorité.`,
    otherAuthority: (name) =>
      `La base appartient à une autre autorité que le dossier (AC émettrice « ${name} »). Prenez le dossier avec lequel elle a été démarrée.`,
    isDemo: "Cette base est celle d'une démonstration : démarrez avec --demo, ou choisissez-en une autre.",
    isNoDemo: "Cette base est celle d'un vrai bureau : ce n'est pas un lieu de démonstration.",
    newerStore: "La base a été écrite par un Sceau plus récent. Prenez celui-là.",
    database: (code) => `La base de DATABASE_URL ne répond pas (${code}). Vérifiez l'adresse, le nom et le mot de passe.`,
    notRunning: "Aucun bureau ne tourne ici. Démarrez-le dans un autre terminal : sceau office",
    refused: (problem) => `Le bureau ne l'a pas fait : ${problem}`,
    admin: {
      "last-administrator":
        "C'est le dernier administrateur actif d'un bureau : invitez-en d'abord un autre, et retirez celui-ci quand l'autre est inscrit. Si cela ne peut attendre : --last",
      active: "C'est déjà un agent. Un nouveau code : sceau office officer renew",
      withdrawn: "Cet agent a été retiré. Pour le réintégrer : sceau office officer reinstate",
      state: "L'état a changé entre-temps, ou ne permet pas cela. Rien n'a été fait.",
      names: "Pour quelqu'un de nouveau, il faut --given-name et --surname.",
      roles: "Pour quelqu'un de nouveau, il faut --role.",
    },
    folderPath: (folder) => `Le chemin de ${folder} est trop long pour un socket. Choisissez-en un plus court avec --state.`,
    clockBehind: (now, newest) =>
      `L'horloge de cette machine dit ${now}, mais le bureau a déjà noté ${newest} : l'une des deux heures est fausse, et rien n'a été démarré. Mettez l'horloge à l'heure (date, timedatectl). Si elle est juste et ne l'était pas alors : sceau office --trust-clock`,
    trustFile: (file) => `Il n'y a pas de certificat dans ${file}.`,
    ocspKey: "La clé du répondeur OCSP ne peut pas être lue.",
    client: {
      url: (detail) => `« ${detail} » n'est pas l'adresse d'un bureau : https://…`,
      insecure: (detail) => `${detail} est du http vers une autre machine : n'importe qui en chemin pourrait lire. Prenez https.`,
      unreachable: (detail) => `Rien ne répond à ${detail}. Le bureau y tourne-t-il ?`,
      certificate: (detail) =>
        `Le certificat de ${detail} n'est pas d'une autorité que cet ordinateur connaît, ou pas à ce nom, ou expiré. Rien n'a été envoyé. Un bureau qui a sa propre autorité : NODE_EXTRA_CA_CERTS=/chemin/de/sa/racine.pem`,
      "other-office": (detail) =>
        `Le bureau joint se nomme ${detail}. Rien n'a été signé pour lui. Prenez l'adresse par laquelle il se nomme.`,
      unreadable: (detail) => `La réponse de ${detail} n'est pas celle d'un bureau.`,
      proxy: (variable) =>
        `${variable} n'est pas l'adresse d'un proxy http, le seul que Sceau connaisse. Rien n'a été envoyé. Écrivez : export ${variable}=http://proxy.example:3128 – ou excluez le bureau par NO_PROXY.`,
    },
    command: {
      unreadable: (detail) => `La réponse de ${detail} n'est pas celle d'un bureau.`,
      code: () => "Ce n'est pas le code d'une invitation : 43 lettres et chiffres.",
      "slot-in-use": (detail) => `L'emplacement ${detail} a déjà une clé et un certificat. --replace les remplace.`,
      "no-token": (detail) =>
        `${detail === "" ? "Aucun jeton simulé n'est branché" : `Le jeton simulé ${detail} n'est pas branché`} (sceau sim). Pour l'instant, cette commande n'atteint que les jetons simulés ; avec un jeton USB, connectez-vous par son certificat dans le navigateur.`,
      running: (detail) => `Un serveur tient le bureau dans ${detail} : ses certificats vont à des clés attestées, par ses propres voies.`,
      adopted: (detail) =>
        `Un bureau émet par l'autorité de ${detail} : ses certificats vont à des clés attestées, par ses propres voies, pour qu'il puisse les révoquer. Pour des essais, prenez un autre dossier avec --state, et créez-y une autorité : sceau office ca init`,
      "not-here": (detail) => `Il n'y a pas de bureau dans ${detail}.`,
    },
    backup: {
      "not-a-backup": "Ce fichier n'est pas une sauvegarde d'un bureau.",
      passphrase: "La phrase secrète est fausse, ou le fichier a été changé. Rien n'a été restauré.",
      "passphrase-short": "La phrase secrète doit avoir 12 caractères au moins.",
      format: "Cette sauvegarde a été écrite par une autre version de Sceau.",
      migration: "La base de cette sauvegarde est d'une autre version de Sceau : restaurez-la avec celle-là, puis démarrez la nouvelle.",
      incomplete: "Cette sauvegarde n'est pas entière. Rien n'a été restauré.",
      "crl-unreadable": "Le fichier de --crl n'est pas une liste de révocation (CRL, DER ou PEM). Rien n'a été restauré.",
      "crl-foreign": "La liste de révocation de --crl n'est pas signée par une AC émettrice de cette sauvegarde. Rien n'a été restauré.",
      "not-empty": "Il y a déjà un bureau ici : une sauvegarde ne se restaure que là où il n'y en a pas.",
    },
  },
};
