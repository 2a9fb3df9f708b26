// Where a PIN or PUK is typed, and what may be wrong with it.

import { inBothLanguages } from "../../../../web/in-both-languages.ts";

export const pin = inBothLanguages(
  {
    legend: "Votre accord",
    purpose: "Pour",
    token: "Jeton",
    phrase: "Votre phrase",
    phraseHint: "Si ce n'est pas la phrase que vous avez choisie, fermez cette page : elle n'est pas celle de votre ordinateur.",
    rules: "6 à 8 chiffres. Ni suite (123456) ni répétition (121212) : le jeton les refuse.",
    triesLeft: (count: number) => `${count} essais restants.`,
    lastTry: "Dernier essai : un code erroné bloque le jeton.",
    label: "PIN",
    newPin: "Nouveau PIN",
    newPinAgain: "Nouveau PIN, encore une fois",
    wrong: (left: number) => (left === 1 ? "PIN erroné. Il reste un essai." : `PIN erroné. Il reste ${left} essais.`),
    form: "Un PIN a 6 à 8 chiffres.",
    weak: "Le jeton refuse ce PIN : trop facile à deviner. Choisissez-en un autre.",
    notTheSame: "Les deux PIN ne sont pas les mêmes.",
  },
  {
    legend: "Your consent",
    purpose: "For",
    token: "Token",
    phrase: "Your phrase",
    phraseHint: "If this is not the phrase that you chose, close this page: it is not your computer's.",
    rules: "6 to 8 digits. Neither a sequence (123456) nor a repetition (121212): the token refuses those.",
    triesLeft: (count) => `${count} tries left.`,
    lastTry: "Last try: a wrong code blocks the token.",
    label: "PIN",
    newPin: "New PIN",
    newPinAgain: "New PIN, once more",
    wrong: (left) => (left === 1 ? "Wrong PIN. One try is left." : `Wrong PIN. ${left} tries are left.`),
    form: "A PIN has 6 to 8 digits.",
    weak: "The token refuses this PIN: it is too easy to guess. Choose another one.",
    notTheSame: "The two PINs are not the same.",
  },
);
