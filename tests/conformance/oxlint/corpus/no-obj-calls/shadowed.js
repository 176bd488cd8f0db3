const Math = () => 1;
export const a = Math();
export const b = (JSON) => JSON();
