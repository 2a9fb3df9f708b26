// Mails as the office writes them; how they leave is the mailer's.

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  /** The same for those who see HTML. */
  readonly html?: string;
}

export interface Mailer {
  /** Resolves when somebody else answers for it: the disk, or later a mail server. */
  send(mail: Mail): Promise<void>;
}
