// What the doctor says of the way to an office, in English. French: doctor-office-fr.ts.

import type { OfficeFindingTexts } from "./doctor-texts.ts";

const openOrVariable = ({ host, port }: { host: string; port: number }): string =>
  `Have TCP port ${port} to ${host} opened; or, where there is a proxy, set HTTPS_PROXY. To try again:`;

export const doctorOfficeEn: OfficeFindingTexts = {
  "office-address": {
    looking: "the office",
    why: "An activation asks the office for the certificate.",
    found: {
      fine: ({ address }) => `The office: ${address}`,
      none: () => "No office was named, so the way to it was not tried.",
      bad: ({ address }) => `«${address}» is not the address of an office.`,
      insecure: ({ address }) => `${address} is not encrypted: an office is asked over https only.`,
      "unreadable-list": ({ path }) => `The list of the offices that you trust can't be read, in ${path}.`,
    },
    mend: {
      none: () => "Name it, as in its e-mail:",
      bad: () => "Write it as in its e-mail, with https://:",
      insecure: () => "Write it with https://:",
      "unreadable-list": () => "Move the file away; you will be asked again whether you trust an office.",
    },
  },
  proxy: {
    looking: "the proxy",
    why: "In many companies the only way out is a proxy. HTTPS_PROXY and NO_PROXY (names, addresses, networks as 10.0.0.0/8) are read, HTTP_PROXY and ALL_PROXY are not.",
    found: {
      none: () => "No proxy is named (HTTPS_PROXY): the way is straight.",
      used: ({ variable, proxy }) => `The way goes through the proxy ${proxy} (${variable}).`,
      bypassed: ({ variable, host }) => `${variable} leaves ${host} out: the way is straight.`,
      unusable: ({ variable }) => `${variable} is not the address of an http proxy: no office is asked.`,
    },
    mend: { unusable: () => "Write it like this, in this terminal and where the agent is started:" },
  },
  name: {
    looking: "the name",
    why: "Without its address nothing can be reached.",
    found: {
      fine: ({ host, addresses }) => `The name ${host} is known: ${addresses}`,
      unknown: ({ host }) => `Nobody knows the name ${host}.`,
      "no-answer": ({ host, code }) => `The name server does not answer (${code}), so ${host} can't be found.`,
    },
    mend: {
      unknown: () =>
        "Compare it with the office's e-mail. In a company whose way out is a proxy, set HTTPS_PROXY; names inside are the network's to add. To try again:",
      "no-answer": () => "Is this computer connected? To try again:",
    },
  },
  connection: {
    looking: "the way to the office",
    why: "The firewall has to let this computer out to the office.",
    found: {
      fine: ({ host, port }) => `${host} is reached, port ${port}.`,
      refused: ({ host, port }) => `${host} refuses the connection, port ${port}: a firewall, or nothing is running there.`,
      silent: ({ host, port, seconds }) => `${host} did not answer within ${seconds} s, port ${port}: a firewall drops it.`,
      "no-route": ({ host, port, code }) => `No way leads to ${host}, port ${port} (${code}).`,
    },
    mend: {
      refused: openOrVariable,
      silent: openOrVariable,
      "no-route": openOrVariable,
    },
  },
  tunnel: {
    looking: "the proxy",
    why: "The proxy has to pass the connection on as it is (CONNECT).",
    found: {
      fine: ({ proxy, host, port }) => `The proxy ${proxy} passes on to ${host}, port ${port}.`,
      direct: () => "No proxy is in between.",
      refused: ({ proxy, host, port, status }) => `The proxy ${proxy} refuses to pass on to ${host}, port ${port} (status ${status}).`,
      login: ({ proxy, status }) => `The proxy ${proxy} wants a name and a password (status ${status}).`,
      silent: ({ proxy, host, port }) => `The proxy ${proxy} does not get through to ${host}, port ${port}.`,
      "not-a-proxy": ({ proxy }) => `What answers at ${proxy} is no http proxy.`,
    },
    mend: {
      refused: ({ host, port }) => `Have CONNECT to ${host}:${port} allowed at the proxy.`,
      login: () => "Put them into the variable, in this terminal and where the agent is started:",
      silent: ({ host, port }) => `Have ${host}:${port} opened for the proxy.`,
      "not-a-proxy": () => "Ask for the proxy's right address and port.",
    },
  },
  certificate: {
    looking: "the office's certificate",
    why: "It shows that the other end is the office. The agent goes no further without it, and neither should you.",
    found: {
      fine: ({ issuer, until }) => `The office's certificate is good, by ${issuer}, until ${until.slice(0, 10)}.`,
      local: () => "The office is on this computer: no certificate is needed.",
      unchecked: () => "NODE_TLS_REJECT_UNAUTHORIZED=0 is set: anybody could pretend to be the office.",
      "unknown-issuer": ({ host, issuer }) =>
        `The certificate that ${host} shows is by «${issuer}», which this computer does not know: a proxy that looks inside, or somebody who listens.`,
      "system-knows": ({ host, issuer }) =>
        `The certificate that ${host} shows is by «${issuer}». This computer knows that authority, Node.js does not.`,
      "self-signed": ({ host, subject }) => `The certificate that ${host} shows vouches for itself («${subject}»).`,
      expired: ({ host, until, now }) => `The certificate of ${host} ended on ${until.slice(0, 10)}; this computer's clock says ${now}.`,
      "not-yet-valid": ({ host, from, now }) =>
        `The certificate of ${host} begins on ${from.slice(0, 10)}; this computer's clock says ${now}.`,
      name: ({ host, names, subject }) => `The certificate is not for ${host}, but for ${names || subject}.`,
      "not-tls": ({ host, port }) => `What answers at ${host}, port ${port}, is not encrypted: no TLS.`,
      silent: ({ host, port }) => `${host}, port ${port}, takes the connection, and then says nothing.`,
      other: ({ host, code }) => `The certificate of ${host} is refused (${code}).`,
    },
    mend: {
      unchecked: () => "Take it away, also where the agent is started:",
      "unknown-issuer": () => "Ask your IT support whether that authority is yours. Only then: its certificate (PEM) as authority.crt, and",
      "system-knows": () => "Tell Node.js, in this terminal and where the agent is started:",
      "self-signed": () => "Ask the office whether that is its certificate. Only then: the certificate (PEM) as authority.crt, and",
      expired: () => "If the clock is right, the office has to renew it. If not, set the clock:",
      "not-yet-valid": () => "Most often the clock is wrong. Set it:",
      name: () => "Compare the address with the office's e-mail. If it is right, something else answers in the office's place.",
      "not-tls": () => "Compare the port with the office's e-mail. If it is right, a firewall answers in the office's place.",
      silent: ({ host, port }) => `Have TLS to ${host}:${port} let through as it is, without inspection.`,
      other: ({ host, port }) => `Have TLS to ${host}:${port} let through as it is, without inspection.`,
    },
  },
  answer: {
    looking: "the office's answer",
    why: "Hotels and companies put a page of their own in the way until somebody signs in.",
    found: {
      fine: ({ address }) => `An office answers: ${address}`,
      redirected: ({ location }) =>
        `Not the office answers, but a redirection to ${location || "an unknown place"}: a network's own sign-in page.`,
      "not-an-office": ({ address, status, title }) =>
        `What answers at ${address} is no office: ${title === "" ? "" : `«${title}», `}status ${status}.`,
      silent: ({ address, seconds }) => `${address} takes the question, and did not answer within ${seconds} s.`,
      broken: ({ address }) => `The connection to ${address} broke off.`,
      down: ({ address, status }) => `The office is out of order: ${address} answers with status ${status}.`,
    },
    mend: {
      redirected: () => "Open any page in your browser, sign in to the network, and run the doctor again.",
      "not-an-office": () => "Compare the address with the office's e-mail; a filter may have to let it through.",
      silent: () => "A filter may have to let it through: POST, with JSON.",
      broken: () => "A filter may have to let it through: POST, with JSON.",
      down: () => "Try again later, or tell the office.",
    },
  },
  clock: {
    looking: "the clock",
    why: "By the clock certificates are found valid or expired.",
    found: {
      fine: () => "The clock agrees with the office's.",
      untold: () => "The office's clock could not be seen.",
      off: ({ seconds, isAhead, here, there }) =>
        `This computer's clock is ${Math.round(seconds / 60)} minutes ${isAhead ? "ahead" : "behind"}: here ${here}, at the office ${there}.`,
      "slightly-off": ({ seconds, isAhead }) => `This computer's clock is ${seconds} s ${isAhead ? "ahead" : "behind"}.`,
    },
    mend: { off: () => "Set it by the network:", "slightly-off": () => "Set it by the network:" },
  },
};
