class Base {}
export class None extends Base {
  constructor() {}
}
export class Good extends Base {
  constructor() {
    super();
  }
}
export class Some extends Base {
  constructor(a) {
    if (a) super();
  }
}
export class Both extends Base {
  constructor(a) {
    if (a) super(1);
    else super(2);
  }
}
export class Twice extends Base {
  constructor() {
    super();
    super();
  }
}
export class Thrown extends Base {
  constructor() {
    throw new Error('abstract');
  }
}
