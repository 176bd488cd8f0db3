export function go(a, b) {
  a.b = a.b;
  a.b.c = a.b.c;
  a[b] = a[b];
  a['b'] = a['b'];
  a.b = a.c;
  a.b = b.b;
  a().b = a().b;
  this.x = this.x;
}
