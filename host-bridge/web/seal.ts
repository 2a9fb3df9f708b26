// The logo: a seal with a ribbon, in a colour that both light and dark grounds bear.

const SCALLOPS = 12;
const points = Array.from({ length: SCALLOPS * 2 }, (_, index) => {
  const angle = (Math.PI * index) / SCALLOPS;
  const radius = index % 2 === 0 ? 19 : 16.4;
  return `${(24 + radius * Math.sin(angle)).toFixed(2)},${(21 - radius * Math.cos(angle)).toFixed(2)}`;
});

export const SEAL_PATH = "/seal.svg";
export const SEAL = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" height="48">
<path d="M15 33 11 47l7-3 5 4 2-14zM33 33l4 14-7-3-5 4-2-14z" fill="#8c1d2c"/>
<polygon points="${points.join(" ")}" fill="#b3273a" stroke="#b3273a" stroke-width="3" stroke-linejoin="round"/>
<circle cx="24" cy="21" r="12.6" fill="none" stroke="#fff" stroke-width="1.4"/>
<path d="M28.6 16.6c-1-1.6-2.7-2.3-4.6-2.3-2.5 0-4.6 1.3-4.6 3.5 0 4.6 9.4 2.2 9.4 6.6 0 2.1-2.2 3.4-4.8 3.4-2.1 0-3.9-.8-4.9-2.5" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/>
</svg>
`;
