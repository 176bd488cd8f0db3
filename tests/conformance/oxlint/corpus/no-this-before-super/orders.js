class Base {}
export class Before extends Base {
  constructor() {
    this.a = 1;
    super();
  }
}
export class After extends Base {
  constructor() {
    super();
    this.a = 1;
  }
}
export class Method extends Base {
  constructor() {
    super.go();
    super();
  }
}
export class Argument extends Base {
  constructor() {
    super(this.a);
  }
}
export class Arrow extends Base {
  constructor() {
    super(() => this.a);
  }
}
