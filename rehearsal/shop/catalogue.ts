export interface Product {
  id: string;
  name: string;
  /** Cents. */
  price: number;
}

export const products: Product[] = [
  { id: 'p-1', name: 'Blue mug', price: 950 },
  { id: 'p-2', name: 'Green mug', price: 950 },
  { id: 'p-3', name: 'Desk lamp', price: 3_490 },
  { id: 'p-4', name: 'Notebook, ruled', price: 620 },
  { id: 'p-5', name: 'Notebook, plain', price: 620 },
  { id: 'p-6', name: 'Fountain pen', price: 2_400 },
  { id: 'p-7', name: 'Ink, black', price: 780 },
  { id: 'p-8', name: 'Wall clock', price: 4_150 },
];

/** Products whose name holds the words searched for; all for an empty search. */
export function search(words: string): Product[] {
  const wanted = words.trim().toLowerCase();
  return products.filter(({ name }) => name.toLowerCase().includes(wanted));
}
