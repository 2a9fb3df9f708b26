// Where a page may lead that was told where: to a path of the same server, whatever a browser makes of the text.

/**
 * «//elsewhere» and «/\elsewhere» would be another host's, also in a link on the page that says that there is nothing. Tabs and ends of lines go first, since
 * browsers leave them out (URL Standard §4.4), and a header takes nothing but ASCII.
 */
export const ownPath = (url: string): string => `/${url.replace(/[^\x21-\x7e]/g, "").replace(/^[/\\]+/, "")}`;
