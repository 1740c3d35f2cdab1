// A traffic fine: looked up, paid and receipted without an officer. Straight; with
// a payment that fails first, and without JavaScript; and in English.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { begin, code, file, open, pay, walk } from './citizen.mjs';
import { Person, who } from './harness.mjs';

const procedure = 'Nộp phạt nguội vi phạm giao thông';
const mine = (number) => ({
  'Ông/Bà muốn làm gì?': 'Nộp phạt cho tôi, chọn trong danh sách quyết định của tôi',
  'Ông/Bà nộp phạt theo quyết định nào?': number,
});

// receipted checks that the case ended by itself, and takes the receipt.
async function receipted(person, filed) {
  await open(person, filed);
  await person.until('Đã nộp phạt');
  assert.doesNotMatch(await person.text(), /Cán bộ|Chu Thị Quỳnh Anh|Hà Văn Mạnh/, 'no officer took part');
  await person.press('Kết quả và giấy tờ');
  await person.until('Biên lai nộp tiền phạt điện tử');
  await person.pdf(/Tải về \(PDF\).*biên lai/i);
}

test('a fine is paid and receipted without an officer', async () => {
  const thang = await who('Bùi Đức Thắng');
  await begin(thang, procedure);
  await walk(thang, mine('123/QĐ-XPHC'));
  assert.ok(thang.asked <= 2, `${thang.asked} questions were asked`);
  await thang.says('123/QĐ-XPHC', '5.000.000 đ', '29A-123.45', 'Kho bạc');
  const filed = await file(thang);
  await thang.press('Nộp tiền');
  await thang.says('5.000.000 đ');
  await pay(thang);
  await thang.until('Đã thanh toán');
  await thang.says('Mã biên lai');
  await receipted(thang, filed);
});

test('a payment that fails is tried again, all of it without JavaScript', async () => {
  const thang = await Person.open('Bùi Đức Thắng', { js: false });
  await begin(thang, procedure);
  await walk(thang, mine('98/QĐ-XPHC'));
  await thang.says('98/QĐ-XPHC', '2.000.000', 'Đã quá hạn nộp phạt'); // with the interest until today
  const filed = await file(thang);
  await thang.press('Nộp tiền');
  await pay(thang, 'Từ chối');
  await thang.until('Chưa thanh toán được');
  await thang.press('Thanh toán lại');
  await pay(thang);
  await thang.until('Đã thanh toán');
  await receipted(thang, filed);
  await thang.close();
});

test('in English: a fine that is found by its number', async () => {
  const uyen = await who('Ngô Thị Uyên');
  await uyen.visit('/');
  uyen.lang = 'en';
  await uyen.press('English');
  await begin(uyen, 'Pay a traffic fine recorded by a camera');
  await walk(uyen, { 'What do you want to do?': 'Pay by the number of the decision, for me or for somebody else', 'Number of the decision': '105/QĐ-XPHC' });
  await uyen.says('105/QĐ-XPHC', 'Total to pay today');
  const filed = await file(uyen);
  await uyen.press('Pay');
  await pay(uyen);
  await uyen.until('We have received the money');
  await uyen.visit(`/ho-so/${filed}`);
  await uyen.until('Fine paid');
  assert.equal(await code(uyen), filed);
  await uyen.press('Result and papers');
  await uyen.until('Electronic receipt of a fine');
  await uyen.pdf(/Download \(PDF\)/);
  for (const tab of ['What was filed', 'Who read my data']) await uyen.press(tab, { within: uyen.main });
});
