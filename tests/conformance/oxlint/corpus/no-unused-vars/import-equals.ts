import unused = require('unused');
import used = require('used');
export default used;
