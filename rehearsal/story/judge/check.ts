/** One thing that must be true of the story. */
export interface Check {
  name: string;
  want: string;
  got: string;
  ok: boolean;
}
