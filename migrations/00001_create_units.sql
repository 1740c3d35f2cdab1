-- +goose Up

-- Provinces and communes, by the codes of the official list. Source: Decision 19/2025/QĐ-TTg.
CREATE TABLE units (
	code          text PRIMARY KEY,
	level         text NOT NULL CHECK (level IN ('province', 'commune')),
	kind          text NOT NULL, -- as written before the name: Tỉnh, Thành phố, Phường, Xã, Đặc khu
	name_vi       text NOT NULL CHECK (name_vi <> ''),
	name_en       text NOT NULL CHECK (name_en <> ''),
	province_code text REFERENCES units (code), -- NULL: a province
	valid_from    date NOT NULL DEFAULT '2025-07-01',
	valid_to      date, -- the first day on which it is no more; NULL: it is
	CHECK ((level = 'commune') = (province_code IS NOT NULL)),
	CHECK (code ~ CASE level WHEN 'province' THEN '^[0-9]{2}$' ELSE '^[0-9]{5}$' END),
	CHECK (valid_to > valid_from)
);

-- +goose Down
DROP TABLE units;
