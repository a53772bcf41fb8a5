/** A message on a line of a file, shown by GitHub beside the code. Lines count from 1. */
export interface Annotation {
  level: 'error' | 'warning' | 'notice';
  message: string;
  title?: string;
  file?: string;
  line?: number;
  column?: number;
}
