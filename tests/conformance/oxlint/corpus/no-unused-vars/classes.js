class Unused {
  name = 1;
}
class Used {}
export class Exported {}
export const made = new Used();
