// What went wrong, in French.

import type { failureEn } from "./failure-en.ts";

const essais = (reste: number): string => (reste === 1 ? "il reste un essai" : `il reste ${reste} essais`);

export const failureFr: typeof failureEn = {
  internal: (message) =>
    `Une erreur s'est produite dans Sceau : ${message}\nMerci de la signaler avec la commande et tout ce qu'elle a écrit.`,
  refused: {
    "not-a-pdf": "Ce fichier n'est pas un PDF.",
    truncated: "La fin de ce PDF manque : il n'a pas été copié en entier. Procurez-vous-le à nouveau.",
    damaged: "La structure de ce PDF est endommagée. Réparez-le d'abord (par exemple : qpdf abime.pdf repare.pdf).",
    encrypted: "Ce PDF est chiffré. Ôtez d'abord sa protection (par exemple : qpdf --decrypt entree.pdf sortie.pdf).",
    certified: "Ce PDF est certifié et sa certification n'admet plus aucun changement, donc aucune signature.",
    xfa: "Ce PDF est un formulaire XFA : chaque lecteur en compose les pages à sa façon, et ce que vous voyez ne serait pas ce que vous signez. Imprimez-le en PDF dans Adobe Reader, puis signez ce fichier.",
    external:
      "Des parties de ce PDF sont dans d'autres fichiers, qu'une signature ne couvrirait pas. Imprimez-le en PDF là où ils se trouvent, puis signez ce fichier.",
    "no-such-page": "Ce PDF n'a pas cette page.",
    "too-costly":
      "Ce PDF demande plus de temps ou de mémoire qu'il n'en faut à un document. Demandez à son auteur une version imprimée en PDF.",
    unsafe:
      "Signer changerait dans ce PDF autre chose que la signature ajoutée. Rien n'a été signé. Réécrivez-le d'abord (par exemple : qpdf entree.pdf sortie.pdf).",
  },
  signing: {
    "no-module": () => "Le module client de p11-kit n'est pas installé. Sous Debian : apt-get install p11-kit-modules",
    "no-bridge": () => "Le pont n'est pas en service. Démarrez-le dans un autre terminal : sceau bridge",
    "no-token": (detail) => (detail === "" ? "Aucun jeton n'est branché." : `Le jeton ${detail} n'est pas branché.`),
    "no-certificate": () => "Le jeton ne contient aucun certificat de signature.",
    "which-certificate": (detail) => `Il y a plusieurs certificats de signature ; choisissez le jeton avec --token : ${detail}`,
    expired: (detail) => `Le certificat a expiré le ${detail}. Faites-le renouveler ; rien n'a été signé.`,
    "not-yet-valid": (detail) => `Le certificat n'est valable qu'à partir du ${detail}. Vérifiez l'horloge de cet ordinateur.`,
    "wrong-pin": (detail) =>
      detail === "" ? "PIN erroné. Combien d'essais restent : sceau token info" : `PIN erroné ; ${essais(Number(detail))}.`,
    "pin-blocked": () => "Le PIN est bloqué après trop d'essais erronés. Choisissez-en un nouveau au moyen du PUK : sceau token unblock",
    "pin-length": () => "Un PIN a 6 à 8 chiffres. Aucun essai n'a été compté.",
    "other-key": () =>
      "La clé du jeton n'est pas celle de son certificat : la clé a été refaite et le certificat est ancien. Rien n'a été écrit.",
    button: () => "Le bouton n'a pas été pressé à temps. Rien n'a été signé ; recommencez.",
    removed: () => "Le jeton a été débranché. Rien n'a été signé ; branchez-le et recommencez.",
    token: (detail) => `Le jeton a refusé : ${detail}`,
  },
  transport: {
    gone: "Le jeton n'est plus branché.",
    silent: "Le jeton ne répond pas. Débranchez-le et rebranchez-le.",
    busy: "Un autre programme occupe le jeton. Recommencez.",
    confused: "La réponse du jeton n'a pas de sens. Débranchez-le et rebranchez-le.",
  },
  wrongPin: (left) => `Erroné ; ${essais(left)}.`,
  blocked: "Bloqué après trop d'essais erronés.",
  pinRule:
    "Le jeton le refuse : un PIN a 6 à 8 chiffres, un PUK 8 caractères, et aucun ne peut être celui d'usine ni un de ceux que les voleurs essaient d'abord (111111, 123456, 864208, 121212, 123123).",
  notAllowed: "Le jeton ne le permet pas dans son état actuel. Un jeton neuf doit d'abord être initialisé : sceau token init",
  wrongManagementKey: "Le jeton n'accepte pas cette clé de gestion.",
  keyNotProven: (slot) =>
    `Une nouvelle clé est dans l'emplacement ${slot}, mais le bouton n'a pas été pressé à temps pour la prouver : il n'y a pas de demande. Relancez la commande.`,
  batchInterrupted: (signed, total, why) =>
    `${why}\nSeules ${signed.length} signatures sur ${total} sont écrites, et l'accord pour les autres est caduc :\n${signed.join("\n")}`,
  badStatementFile: (detail) =>
    `Ce fichier n'est pas un journal ou un reçu que cette version sait lire : ${detail}. Un journal est pour token journal --file, un reçu pour token verify-receipt.`,
  full: "La mémoire du jeton est pleine.",
  rsaKey: (slot, kind) =>
    `La clé de l'emplacement ${slot} est une clé ${kind}, et il en faut une P-256 ou P-384. Les clés RSA d'une carte signent des documents et déchiffrent ; les bureaux n'en connaissent pas.`,
  notOnThisCard:
    "Pas sur cette carte : ce n'est pas un jeton Sceau, ou son micrologiciel est trop ancien. sceau token info montre ce qu'elle a.",
  noPcscd: (reason) =>
    `Aucun lecteur de cartes n'est joignable : ${reason}. pcscd est-il en service ? Sous Debian et Ubuntu : sudo apt install pcscd`,
  otherStatus: (detail) => `Le jeton a refusé : ${detail}`,
  issuance: {
    unreadable: "Ceci n'est pas une demande de certificat (PKCS#10).",
    "no-possession": "La demande n'est pas signée par sa propre clé : son auteur ne possède pas la clé.",
    "key-type": "Seules les clés P-256 et P-384 sont certifiées.",
    "no-challenge": "La demande ne contient aucun défi de ce bureau.",
    "unknown-challenge": "Le défi contenu dans la demande n'est pas de ce bureau.",
    "expired-challenge": "Le défi contenu dans la demande est trop ancien. Demandez-en un autre.",
    replayed: "Le défi contenu dans la demande a déjà servi, pour une autre clé.",
    "other-person": "Le défi contenu dans la demande a été donné à quelqu'un d'autre.",
    "other-token": "Le défi, ou l'attestation, est d'un autre jeton.",
    "other-profile": "Le défi est pour un autre certificat que celui demandé.",
    unassigned: "Le jeton n'est pas celui de cette personne.",
    "other-stock": "Le jeton appartient au stock d'un autre bureau. Prenez-en un de ce bureau.",
    "withdrawn-device": "Le jeton est suspendu, bloqué, perdu, endommagé ou retiré : il ne reçoit pas de certificat.",
    "software-key": "Rien ne dit que cette clé a été créée dans un jeton : l'attestation manque, ou est celle d'une autre clé.",
    "bad-attestation": "L'attestation est illisible, ou n'a pas été faite par la clé d'attestation qui l'accompagne.",
    "untrusted-root": "L'attestation ne mène à aucune racine reconnue par ce bureau.",
    "expired-attestation": "Les certificats de l'attestation ne sont pas valables actuellement.",
    simulated: "C'est un jeton simulé : seule une démonstration le certifie.",
    model: "Ce bureau ne certifie pas les jetons de ce modèle.",
    firmware: "Cette version du micrologiciel du jeton n'est plus acceptée.",
    slot: "La clé est dans un autre emplacement que celui du profil.",
    "key-policy": "Le jeton utiliserait cette clé sans code PIN, ou est un jeton d'essai.",
    "key-of-another": "Cette clé a été certifiée pour quelqu'un d'autre.",
    "destroyed-key": "Cette clé a été détruite.",
    organisation: "L'organisation de cette personne n'est pas ouverte à ce bureau, ou a été fermée : un agent l'ouvre.",
    "compromised-key": "Un certificat de cette clé a été révoqué comme compromis : faites une nouvelle clé.",
    "no-issuer": "Il n'y a pas d'AC émettrice.",
    person:
      "Aucun certificat ne peut dire cela d'une personne : les noms et l'organisation ont 1 à 64 caractères, prénom et nom 64 ensemble, le pays deux lettres, le courriel un seul @ ; le numéro n'a que des lettres sans accent, des chiffres et '()+,-./:=?.",
    "expired-issuer": "Le certificat de l'AC émettrice a expiré : elle n'émet plus rien. Créez une nouvelle autorité de certification.",
  },
  authoritySetting: {
    url: "L'adresse du bureau (--url) commence par http:// ou https://, en caractères simples.",
    organisation: "L'organisation de l'AC (--organisation) a 1 à 50 caractères, sans caractère de contrôle.",
    country: "Le pays de l'AC (--country) s'écrit en deux lettres.",
    witness: "Un témoin (--witness) a 1 à 64 caractères, sans caractère de contrôle.",
  },
  ceremony: {
    "root-key-file": (file) =>
      `La clé de la racine ne peut pas être écrite dans ${file} : le dossier manque, ou le fichier existe déjà. Rien n'a été créé.`,
    "not-the-root": (file) => `La clé contenue dans ${file} n'est pas celle de la racine.`,
    "expired-root": () => "Le certificat racine a expiré. Créez une nouvelle autorité de certification.",
    "no-such-issuer": (name) => `Il n'y a pas d'AC émettrice nommée ${name}.`,
    "current-issuer": (name) => `${name} émet encore des certificats. Créez d'abord une nouvelle AC émettrice : sceau office ca roll-over`,
    "in-progress": () => "Une autre cérémonie a eu lieu en même temps. Rien n'a été créé.",
    "too-many": () => "Cette autorité a eu autant d'AC émettrices qu'elle peut en nommer.",
  },
  caKey: {
    unreadable: "Une clé de l'autorité de certification, ou sa phrase secrète, est illisible.",
    passphrase: "La phrase secrète n'est pas la bonne ; une nouvelle a au moins 12 caractères.",
    "key-type": "La clé de l'autorité de certification n'est ni P-256 ni P-384.",
    uri: "L'URI PKCS#11 ne désigne aucune clé : il lui faut module-path, et object ou id ; un code PIN ne vient que d'un fichier (pin-source).",
    module: "Le module PKCS#11 ne peut pas être chargé.",
    "no-token": "Aucun jeton ne répond à l'URI PKCS#11.",
    "no-key": "La clé de l'autorité de certification n'est pas là où elle devrait être.",
    "which-key": "Plusieurs clés répondent à l'URI PKCS#11.",
    pin: "Le jeton PKCS#11 refuse le code PIN, ou en veut un.",
    "key-exists": "Le jeton PKCS#11 a déjà une clé de ce nom.",
    device: "Le jeton PKCS#11 est en panne.",
  },
  noAuthority: (folder) => `Il n'y a pas d'autorité de certification dans ${folder}. Créez-en une : sceau office ca init`,
  authorityExists: (folder) => `Il y a déjà une autorité de certification dans ${folder}. Rien n'a été changé.`,
  bridgeRunning: "Un pont est déjà en service. Il continue ; celui-ci n'a pas été démarré.",
  pluggedInAlready: "Ce jeton simulé est déjà branché.",
  badFlash: (detail) => `La mémoire flash du jeton simulé est inutilisable : ${detail}`,
  usage: {
    "token-name": (detail) => `« ${detail} » n'est pas un nom de jeton : lettres, chiffres, points et tirets, 32 au plus.`,
    "state-path-too-long": (detail) => `Le chemin de ${detail} est trop long pour une socket. Choisissez-en un plus court avec --state.`,
    "no-token-plugged-in": (detail) =>
      detail === ""
        ? "Aucun jeton n'est branché. Pour un jeton simulé : sceau sim"
        : detail.startsWith("pcsc:")
          ? `Il n'y a pas de carte dans un lecteur dont le nom contient « ${detail.slice(5)} ». Lecteurs et cartes : opensc-tool --list-readers`
          : detail.startsWith("/")
            ? `${detail} n'existe pas. Branchez le jeton et regardez où il est : ls /dev/hidraw* /dev/ttyACM*`
            : `Le jeton ${detail} n'est pas branché. Pour un jeton simulé : sceau sim ${detail}`,
    "no-reader-named": (option) =>
      `${option} attend le nom d'un lecteur, ou une partie de ce nom ; « any » les désigne tous. Lecteurs et cartes : opensc-tool --list-readers`,
    "which-token": (detail) => `Plusieurs jetons sont branchés ; choisissez-en un avec --token : ${detail}`,
    "output-exists": (detail) => `${detail} existe déjà et n'a pas été touché. Choisissez un autre nom avec --out.`,
    "no-such-file": (detail) => `Le fichier ${detail} n'existe pas.`,
    "not-readable": (detail) => `${detail} est illisible.`,
    "not-writable": (detail) => `${detail} ne peut pas être écrit : son dossier ne le permet pas. Choisissez un autre endroit avec --out.`,
    "no-pin-source": (detail) =>
      `${detail} Il n'y a pas de terminal pour le demander : donnez-le dans un fichier (--pin-file, --new-pin-file ou --puk-file).`,
    "bad-slot": (detail) => `« ${detail} » n'est pas un emplacement : 9a, 9c, 9d, 9e ou 82 à 95.`,
    "bad-number": (detail) => `« ${detail} » n'est pas un nombre utilisable ici.`,
    "bad-board": (detail) => `« ${detail} » n'est pas un nom de carte ; ils sont dans hardware/boards : jolt-js.`,
    "bad-serial": (detail) => `« ${detail} » n'est pas un numéro de série : huit chiffres, dont le premier n'est pas 0.`,
    "bad-word": (detail) => `Ce choix n'existe pas ; les mots possibles sont entre parenthèses : ${detail}`,
    "bad-place": (detail) => `« ${detail} » n'est pas une place pour une signature : PAGE ou PAGE,X,Y,LARGEUR,HAUTEUR.`,
    "bad-certificate": (detail) => `Il n'y a pas de certificat dans ${detail}`,
    "bad-secrets": (detail) =>
      `Ce fichier n'est pas tel que Sceau l'a écrit : le PUK et la clé de gestion du jeton ne peuvent y être lus : ${detail}`,
    "no-management-key": (detail) => `La clé de gestion du jeton n'est pas dans ${detail}. Elle est là où le jeton a été initialisé.`,
    "no-key": (detail) => `Il n'y a pas de clé dans l'emplacement ${detail}. Créez-en une : sceau token generate ${detail}`,
    "other-key": (detail) => `Le certificat est celui d'une autre clé que celle de l'emplacement ${detail}. Rien n'a été écrit.`,
    "already-initialised": (detail) => `Le jeton ${detail} est déjà initialisé. Rien n'a été changé.`,
    "never-a-key": (detail) => `Il n'y a pas de clé dans l'emplacement ${detail}, ni de reçu d'une clé qui y aurait été effacée.`,
    "not-sealed": (detail) =>
      `Le jeton ${detail} n'a pas de clé d'attestation : il ne peut rien signer sur lui-même. Il la reçoit en usine.`,
    "not-blocked": (detail) => `Le jeton ${detail} n'est remis à neuf que si PIN et PUK sont bloqués tous deux. Rien n'a été changé.`,
    "not-confirmed": () => "Non confirmé. Rien n'a été changé.",
    "no-terminal": () => "Il n'y a pas de terminal pour confirmer : --yes confirme. Rien n'a été changé.",
    "bad-digest-list": (detail) =>
      `Cette ligne n'est pas une empreinte pour cette clé (« empreinte  nom », comme l'affiche sha256sum ; sha384sum pour une clé P-384) : ${detail}`,
    "digest-list-length": (detail) => `Une liste a 1 à 64 empreintes ; celle-ci en a ${detail}.`,
    "same-name": (detail) => `Deux fichiers de la liste s'appellent ${detail} : leurs signatures auraient le même nom.`,
    "folder-not-empty": (detail) => `Il y a déjà quelque chose dans ${detail}. Choisissez un autre dossier avec --out.`,
    "two-standard-inputs": () => "Une seule chose peut venir de l'entrée standard (-). Donnez les autres par des fichiers.",
    "no-pin-program": (detail) =>
      `Il n'y a pas de programme ${detail} pour demander les PIN. Sous Debian et Ubuntu : sudo apt install pinentry-gtk2 (fenêtres) ou pinentry-curses.`,
    "not-our-file": (detail) => `${detail} n'a pas été écrit par Sceau, et est resté tel quel.`,
    "bad-vpcd-address": (detail) =>
      `« ${detail} » n'est pas une adresse de vpcd sur cet ordinateur : HÔTE:PORT, où HÔTE est localhost ou 127.x.x.x. Les PIN y passent en clair ; pour un autre ordinateur, faites un tunnel (ssh -L).`,
    "bad-usb-address": (detail) =>
      `« ${detail} » ne convient pas à --usb : il faut HÔTE:PORT, joignable de cette seule machine, comme 127.0.0.1:3240. Qui le joint a le jeton en main.`,
    "usb-port-taken": (detail) =>
      `Un autre programme occupe ${detail} : un autre jeton simulé, ou usbipd. Choisissez un autre port, comme --usb 127.0.0.1:3241`,
    "not-on-usb": (detail) =>
      `Le jeton simulé ${detail} n'est pas branché en USB. Lancez-le dans un autre terminal : sceau sim ${detail} --usb`,
  },
};
