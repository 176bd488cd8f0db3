import { Card } from './card';
import { Other } from './other';
export const Page = () => <Card />;
